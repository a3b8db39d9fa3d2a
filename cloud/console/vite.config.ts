import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2022',
    // Everything is one file of each kind: the console is small and comes from the machine next door.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1_000,
  },
  server: {
    // `pnpm --filter @pomona/console dev` beside a control plane on its default port.
    proxy: { '/v1': 'http://127.0.0.1:8080' },
  },
});
