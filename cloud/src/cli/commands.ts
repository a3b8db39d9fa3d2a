import type { Command } from 'commander';

/** In the order in which somebody meets them. */
export const commandGroups: Readonly<Record<string, readonly string[]>> = {
  'Begin here:': ['demo', 'up'],
  'Stations and lines:': ['station', 'site', 'firmware', 'agent', 'rollout', 'recipe', 'alert'],
  'Photographs and labels:': ['dataset', 'label', 'features'],
  'Models:': [
    ...['train', 'tune', 'retrain', 'evaluate', 'calibrate', 'predict'],
    ...['model', 'release', 'runs', 'lineage', 'project'],
  ],
  'Access:': ['user', 'token', 'reader', 'webhook', 'keys', 'broker'],
  'Trying and measuring:': ['orchard', 'sim', 'bench'],
};

/** Each is loaded when it is called: together they take a second, most of it for what one command needs. */
export const commands: Readonly<Record<string, () => Promise<Command>>> = {
  demo: async () => (await import('./demo/demo-command.ts')).demoCommand(),
  up: async () => (await import('./up.ts')).upCommand(),
  agent: async () => (await import('./agent.ts')).agentCommand(),
  station: async () => (await import('./station.ts')).stationCommand(),
  site: async () => (await import('./site.ts')).siteCommand(),
  firmware: async () => (await import('./firmware.ts')).firmwareCommand(),
  reader: async () => (await import('./reader.ts')).readerCommand(),
  user: async () => (await import('./user.ts')).userCommand(),
  token: async () => (await import('./token.ts')).tokenCommand(),
  dataset: async () => (await import('./dataset.ts')).datasetCommand(),
  features: async () => (await import('./features.ts')).featuresCommand(),
  train: async () => (await import('./train.ts')).trainCommand(),
  evaluate: async () => (await import('./evaluate.ts')).evaluateCommand(),
  calibrate: async () => (await import('./calibrate.ts')).calibrateCommand(),
  tune: async () => (await import('./tune.ts')).tuneCommand(),
  runs: async () => (await import('./runs.ts')).runsCommand(),
  label: async () => (await import('./label.ts')).labelCommand(),
  retrain: async () => (await import('./retrain.ts')).retrainCommand(),
  model: async () => (await import('./model.ts')).modelCommand(),
  lineage: async () => (await import('./lineage.ts')).lineageCommand(),
  recipe: async () => (await import('./recipe.ts')).recipeCommand(),
  release: async () => (await import('./release.ts')).releaseCommand(),
  keys: async () => (await import('./keys.ts')).keysCommand(),
  alert: async () => (await import('./alert.ts')).alertCommand(),
  webhook: async () => (await import('./webhook.ts')).webhookCommand(),
  rollout: async () => (await import('./rollout.ts')).rolloutCommand(),
  predict: async () => (await import('./predict.ts')).predictCommand(),
  project: async () => (await import('./project.ts')).projectCommand(),
  orchard: async () => (await import('./orchard.ts')).orchardCommand(),
  broker: async () => (await import('./broker.ts')).brokerCommand(),
  sim: async () => (await import('./sim.ts')).simCommand(),
  bench: async () => (await import('./bench.ts')).benchCommand(),
};
