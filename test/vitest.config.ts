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
/** They film in real time as the mission does, which is too much for two cores at once: begun when it is nearly over. */
const late = ['test/demo.test.ts', 'edge-agent/src/main.test.ts'];

/** Files of a group follow each other in a process, and share what it has imported. */
const groups = {
  // What happens in them happens in real time.
  live: ['test/{mission,kill,demo,fleet}.test.ts', 'edge-agent/src/main.test.ts'],
  programs: ['test/**/*.test.ts'],
  // Each of these two sets up TensorFlow.js for its process: its own backend as it is written, and as others get it.
  backend: ['cloud/training/backend/src/**/*.test.ts'],
  training: ['cloud/training/src/{main,adapters/**,use-cases/**}.test.ts'],
  units: ['{models/*,firmware-config,edge-agent,cloud,cloud/training,cloud/console}/src/**/*.test.ts'],
};
/** As they are begun: what is live has a processor to itself beside those that only compute. */
const order = ['programs', 'live', 'backend', 'training', 'units'];
const computing = ['backend', 'training', 'units'];

class InOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId, project }: TestSpecification): number => {
      const indexIn = (names: readonly string[]) => names.findIndex((name) => moduleId.endsWith(`/${name}`));
      const early = indexIn(first);
      if (early >= 0) return early;
      const group = indexIn(late) >= 0 ? order.length : order.indexOf(project.name);
      return first.length + group;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

const root = new URL('..', import.meta.url).pathname;

// Packages import each other through their built `dist`; the test script builds first.
export default defineConfig({
  root,
  test: {
    // One more than there are cores: who films a line waits for it most of the time.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: InOrder },
    // Here, not in each group: one PostgreSQL for all of them.
    globalSetup: ['cloud/src/testing/postgres-setup.ts'],
    projects: Object.entries(groups).map(([name, include], at) => ({
      root,
      test: {
        name,
        pool: 'forks',
        isolate: false,
        testTimeout: 60_000,
        hookTimeout: 60_000,
        // What is built needs no second translation.
        server: { deps: { external: [/\/dist\/.*\.js$/] } },
        include,
        // A file is of the first group that names it.
        exclude: ['**/node_modules/**', '**/dist/**', ...Object.values(groups).slice(0, at).flat()],
        ...(computing.includes(name) ? { setupFiles: ['test/support/step-back.ts'] } : {}),
      },
    })),
  },
});
