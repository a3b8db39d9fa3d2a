import type { SampleView } from '@pomona/wire';
import styles from './sample-picture.module.css';

interface SamplePictureProps {
  readonly sample: SampleView;
  readonly size?: 'large' | 'small';
}

/** What the model saw of a fruit: its views beside each other, in the order in which they were taken. */
export function SamplePicture({ sample, size = 'large' }: SamplePictureProps) {
  const alt = `${sample.views} views of fruit ${sample.fruit.seq} of ${sample.station}`;
  return (
    <div className={styles.frame} data-size={size}>
      <img src={`/v1/samples/${sample.id}/image.png`} alt={alt} className={styles.image} />
    </div>
  );
}
