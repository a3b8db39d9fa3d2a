import { Button } from '@mantine/core';
import type { SampleView } from '@pomona/wire';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { sendJson } from '../adapters/api.ts';
import { useRole } from '../data/role.ts';
import { orderGrades } from '../domain/grade-style.ts';
import { Failure } from '../parts/failure.tsx';
import { GradeMark } from '../parts/grade-mark.tsx';
import styles from './labelling-page.module.css';

/** Puts a wrong label right; the history keeps what was said before. */
export function CorrectLabel({ sample }: { readonly sample: SampleView }) {
  const client = useQueryClient();
  const lack = useRole().lacks('operator');
  const correct = useMutation({
    mutationFn: (label: string) => sendJson<SampleView>('PUT', `/v1/samples/${sample.id}/label`, { label }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['samples'] }),
  });
  // It waits for a second person, who must not know it; or two differ, and the page Labelling asks a third.
  if (sample.label === null || sample.review === 'disputed' || sample.review === 'unresolved') return null;
  const grades = orderGrades(sample.labels);
  return (
    <div className={styles.correct}>
      <span>Is it something else?</span>
      {grades
        .filter((grade) => grade !== sample.label)
        .map((grade) => (
          <Button
            key={grade}
            size="compact-sm"
            variant="default"
            disabled={lack !== undefined || correct.isPending}
            title={lack}
            onClick={() => correct.mutate(grade)}
          >
            <GradeMark grade={grade} labels={grades} />
          </Button>
        ))}
      <Failure error={correct.error} />
    </div>
  );
}
