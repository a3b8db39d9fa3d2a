import type { DeskRelease } from './desk-view.ts';
import { reportedOf, type UpdateState } from './update-state.ts';

/** What the page at the line says of releases. */
export function deskFactsOf(state: UpdateState): {
  readonly release: DeskRelease | undefined;
  readonly update: string;
} {
  const { running } = state;
  const { update } = reportedOf(state);
  return {
    release: running
      ? {
          name: running.release.name,
          version: running.release.version,
          variant: running.variant,
          recipeVersion: running.recipe.version,
          grades: running.recipe.gates.map(({ grade }) => grade),
        }
      : undefined,
    update: update.state,
  };
}
