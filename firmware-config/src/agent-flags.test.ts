import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { agentEnvironment, agentNodeFlags } from './agent-flags.ts';
import { agentUnit } from './agent-unit.ts';
import { boardNames, boardProfiles } from './board-profiles.ts';

it('are flags that Node.js knows, and that the service is started with, in its environment', () => {
  expect(spawnSync(process.execPath, [...agentNodeFlags, '--eval', 'gc = 0']).status).toBe(0);
  for (const name of boardNames) {
    const started = `/bin/node ${agentNodeFlags.join(' ')} /opt/pomona/dist/main.js run `;
    expect(agentUnit(boardProfiles[name])).toContain(started);
    for (const [variable, value] of Object.entries(agentEnvironment))
      expect(agentUnit(boardProfiles[name])).toContain(`\nEnvironment=${variable}=${value}\n`);
  }
});
