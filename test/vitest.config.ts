import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Those that take longest: begun late, the last of them would be waited for alone. */
const first = [
  'test/mission.test.ts',
  'test/kill.test.ts',
  'test/console.test.ts',
  'cloud/training/src/main.test.ts',
  'cloud/src/adapters/dataset/import-dataset.test.ts',
  'test/predict.test.ts',
  'test/drift-scenarios.test.ts',
  'test/console-pages.test.ts',
];
/** They film in real time as the mission does, which is too much for two cores at once: begun when it is over. */
const late = ['test/demo.test.ts', 'edge-agent/src/main.test.ts'];

class InOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId, project }: TestSpecification): number => {
      const indexIn = (names: readonly string[]) => names.findIndex((name) => moduleId.endsWith(`/${name}`));
      const early = indexIn(first);
      if (early >= 0) return early;
      return first.length + (indexIn(late) >= 0 ? 1 : project.name === 'together' ? 2 : 0);
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

/** What starts programs, or sets up TensorFlow.js for its process. */
const apart = [
  'test/**/*.test.ts',
  'cloud/training/src/{main,adapters/**,use-cases/**}.test.ts',
  ...first,
  ...late,
];

const globalSetup = ['cloud/src/testing/postgres-setup.ts'];

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
    // What is built needs no second translation.
    server: { deps: { external: [/\/dist\/.*\.js$/] } },
    projects: [
      {
        extends: true,
        test: { name: 'apart', include: apart, globalSetup },
      },
      {
        extends: true,
        test: {
          // Files of a process follow each other in it, and share what it has imported: that takes a third of the time.
          name: 'together',
          isolate: false,
          include: [
            '{models/*,firmware-config,edge-agent,cloud,cloud/training,cloud/console}/src/**/*.test.ts',
          ],
          exclude: ['**/node_modules/**', '**/dist/**', ...apart],
          globalSetup,
        },
      },
    ],
  },
});
