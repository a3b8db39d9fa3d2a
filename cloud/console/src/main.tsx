import '@mantine/core/styles.layer.css';
import 'uplot/dist/uPlot.min.css';
import './styles/tokens.css';
import './styles/base.css';
import { createTheme, MantineProvider } from '@mantine/core';
import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiProblem } from './adapters/api.ts';
import { browserClock, browserRandom } from './adapters/browser-clock.ts';
import { LiveFeed } from './adapters/live-feed.ts';
import { foldIntoCache, LiveProvider } from './data/live.tsx';
import { router } from './router.tsx';
import { SignInGate } from './shell/sign-in-gate.tsx';

const client = new QueryClient({
  queryCache: new QueryCache({
    onError: (error) => {
      if (!(error instanceof ApiProblem)) return;
      if (error.status === 0) feed.suspect();
      // The session ended meanwhile: the gate asks who this is.
      if (error.status === 401) void client.invalidateQueries({ queryKey: ['session'] });
    },
  }),
  defaultOptions: {
    queries: {
      // A packhouse without internet still reaches its control plane: the browser's own idea of "offline" says nothing.
      networkMode: 'always',
      retry: false,
      staleTime: 5_000,
      refetchOnReconnect: false,
    },
  },
});

const feed = new LiveFeed({
  open: () => new EventSource('/v1/events'),
  clock: browserClock,
  random: browserRandom,
  onEvents: (events) => foldIntoCache(client, events),
  onGap: () => void client.invalidateQueries(),
});

const theme = createTheme({
  primaryColor: 'green',
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
});
const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');

// Mantine's variables come from its style sheet and ours: a page without inline styles can have a strict
// Content-Security-Policy.
createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      withCssVariables={false}
      withGlobalClasses={false}
    >
      <QueryClientProvider client={client}>
        <SignInGate>
          <LiveProvider feed={feed} clock={browserClock}>
            <RouterProvider router={router} />
          </LiveProvider>
        </SignInGate>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
