import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Tests of functions, with nothing at module level that a test changes: they share a process, and what it has imported. */
const pure = [
  'models/{wire,catalog,grading}/src/**/*.test.ts',
  'firmware-config/src/**/*.test.ts',
  'edge-agent/src/domain/**/*.test.ts',
  'cloud/src/domain/**/*.test.ts',
  'cloud/src/cli/**/*.test.ts',
  'cloud/training/src/domain/**/*.test.ts',
  'cloud/console/src/**/*.test.ts',
];

/** Those that take longest: begun late, the last of them would be waited for alone. */
const first = [
  'test/mission.test.ts',
  'test/kill.test.ts',
  'cloud/src/adapters/dataset/import-dataset.test.ts',
  'test/console.test.ts',
  'cloud/training/src/main.test.ts',
  'test/predict.test.ts',
  'test/drift-scenarios.test.ts',
  'test/console-pages.test.ts',
];
/** They film in real time as the mission does, which is too much for two cores at once: begun when it is over. */
const last = ['test/demo.test.ts', 'edge-agent/src/main.test.ts'];

class InOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const indexIn = (names: readonly string[]) => names.findIndex((name) => moduleId.endsWith(`/${name}`));
      const [early, late] = [indexIn(first), indexIn(last)];
      if (late >= 0) return first.length + 1 + late;
      return early < 0 ? first.length : early;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

// Packages import each other through their built `dist`; the test script builds first.
export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    pool: 'forks',
    // Vitest leaves a core to itself, on a machine of two that is half. The longest tests wait for belts most of the time.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 30_000,
    hookTimeout: 60_000,
    sequence: { sequencer: InOrder },
    projects: [
      { extends: true, test: { name: 'pure', include: pure, isolate: false } },
      {
        extends: true,
        test: {
          // Runs first: the names of projects are sorted.
          name: 'Whole',
          include: [
            'models/*/src/**/*.test.ts',
            'edge-agent/src/**/*.test.ts',
            'cloud/src/**/*.test.ts',
            'cloud/training/src/**/*.test.ts',
            'test/**/*.test.ts',
          ],
          exclude: ['**/node_modules/**', '**/dist/**', ...pure],
          globalSetup: ['cloud/src/testing/postgres-setup.ts'],
        },
      },
    ],
  },
});
