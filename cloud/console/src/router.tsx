import { createRootRoute, createRoute, createRouter } from '@tanstack/react-router';
import { AlertsPage } from './pages/alerts-page.tsx';
import { DatasetsPage } from './pages/datasets-page.tsx';
import { DriftPage } from './pages/drift-page.tsx';
import { LabellingPage } from './pages/labelling-page.tsx';
import { ModelsPage } from './pages/models-page.tsx';
import { NotFoundPage } from './pages/not-found-page.tsx';
import { OverviewPage } from './pages/overview-page.tsx';
import { RecipesPage } from './pages/recipes-page.tsx';
import { RolloutPage } from './pages/rollout-page.tsx';
import { RolloutsPage } from './pages/rollouts-page.tsx';
import { SamplesPage } from './pages/samples-page.tsx';
import { SettingsPage } from './pages/settings-page.tsx';
import { StationPage } from './pages/station-page.tsx';
import { TargetsPage } from './pages/targets-page.tsx';
import { TrainingPage } from './pages/training-page.tsx';
import { TryItPage } from './pages/try-it-page.tsx';
import { Shell } from './shell/shell.tsx';

const root = createRootRoute({ component: Shell, notFoundComponent: NotFoundPage });

const overview = createRoute({ getParentRoute: () => root, path: '/', component: OverviewPage });

const alerts = createRoute({ getParentRoute: () => root, path: '/alerts', component: AlertsPage });

const station = createRoute({
  getParentRoute: () => root,
  path: '/stations/$station',
  component: function StationRoute() {
    return <StationPage station={station.useParams().station} />;
  },
});

const targets = createRoute({ getParentRoute: () => root, path: '/targets', component: TargetsPage });

const training = createRoute({
  getParentRoute: () => root,
  path: '/training',
  component: () => <TrainingPage />,
});

const models = createRoute({
  getParentRoute: () => root,
  path: '/models',
  component: () => <ModelsPage />,
});

const model = createRoute({
  getParentRoute: () => root,
  path: '/models/$name/$version',
  component: function ModelRoute() {
    const { name, version } = model.useParams();
    return isWhole(version) ? <ModelsPage name={name} version={Number(version)} /> : <NotFoundPage />;
  },
});

const datasets = createRoute({
  getParentRoute: () => root,
  path: '/datasets',
  component: () => <DatasetsPage />,
});

const dataset = createRoute({
  getParentRoute: () => root,
  path: '/datasets/$name/$digest',
  component: function DatasetRoute() {
    return <DatasetsPage {...dataset.useParams()} />;
  },
});

const labelling = createRoute({ getParentRoute: () => root, path: '/labelling', component: LabellingPage });

const samples = createRoute({ getParentRoute: () => root, path: '/samples', component: SamplesPage });

const recipes = createRoute({ getParentRoute: () => root, path: '/recipes', component: RecipesPage });

const rollouts = createRoute({ getParentRoute: () => root, path: '/rollouts', component: RolloutsPage });

const rollout = createRoute({
  getParentRoute: () => root,
  path: '/rollouts/$id',
  component: function RolloutRoute() {
    const { id } = rollout.useParams();
    return isWhole(id) ? <RolloutPage id={Number(id)} /> : <NotFoundPage />;
  },
});

const drifts = createRoute({ getParentRoute: () => root, path: '/drift', component: () => <DriftPage /> });

const drift = createRoute({
  getParentRoute: () => root,
  path: '/drift/$station',
  component: function DriftRoute() {
    return <DriftPage station={drift.useParams().station} />;
  },
});

const tryIt = createRoute({ getParentRoute: () => root, path: '/try-it', component: TryItPage });

const settings = createRoute({ getParentRoute: () => root, path: '/settings', component: SettingsPage });

export const router = createRouter({
  routeTree: root.addChildren([
    settings,
    overview,
    alerts,
    targets,
    training,
    station,
    models,
    model,
    datasets,
    dataset,
    labelling,
    samples,
    recipes,
    rollouts,
    rollout,
    drifts,
    drift,
    tryIt,
  ]),
  scrollRestoration: true,
});

/** What an address names by a number, somebody may have typed. */
function isWhole(text: string): boolean {
  return /^\d{1,9}$/.test(text);
}

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
