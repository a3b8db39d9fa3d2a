import type { SampleView } from '@pomona/wire';
import { formatCounted } from '../domain/format.ts';
import styles from './sample-picture.module.css';

interface SamplePictureProps {
  readonly sample: SampleView;
  readonly size?: 'large' | 'small';
}

/** What the model saw of a fruit: its views beside each other, in the order in which they were taken; of a photograph, that as well. */
export function SamplePicture({ sample, size = 'large' }: SamplePictureProps) {
  const { id, views, fruit, station, photograph } = sample;
  const alt = photograph
    ? `The fruit of ${photograph.path}`
    : `${formatCounted(views, 'view')} of fruit ${fruit?.seq} of ${station}`;
  return (
    <div className={styles.frame} data-size={size}>
      {photograph && size === 'large' && (
        <img src={`/v1/samples/${id}/photograph.jpg`} alt={photograph.path} className={styles.photograph} />
      )}
      <img src={`/v1/samples/${id}/image.png`} alt={alt} className={styles.image} />
    </div>
  );
}
