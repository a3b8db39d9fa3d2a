/** One entry per route that the pages read. Live events are folded into the same entries, see `live.tsx`. */
import type {
  AlertView,
  DatasetView,
  DriftDetail,
  DriftSummary,
  JobView,
  LabelAgreement,
  LabelEntry,
  Lineage,
  ModelAlias,
  ModelComparison,
  ModelLogEntry,
  ModelView,
  NetworkView,
  Overview,
  PhotographCounts,
  ProjectView,
  PruneReport,
  Recipe,
  RetrainProposal,
  RolloutDetail,
  RolloutPreview,
  RolloutView,
  RunComparison,
  SampleList,
  SampleQuery,
  SessionView,
  SiteView,
  StationQuery,
  StationView,
  StoredFruit,
  TokenView,
  TrainingRunSummary,
  UploadView,
  UserView,
  WebhookView,
  WorstCase,
} from '@pomona/wire';
import { queryOptions } from '@tanstack/react-query';
import { ApiProblem, getJson, sendJson } from '../adapters/api.ts';
import { fruitsKept, newestFruits } from '../domain/fold-events.ts';

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: ({ signal }) => getJson<SessionView>('/v1/session', signal),
});

export const overviewQuery = queryOptions({
  queryKey: ['overview'],
  queryFn: ({ signal }) => getJson<Overview>('/v1/overview', signal),
});

export const stationQuery = (station: string) =>
  queryOptions({
    queryKey: ['station', station],
    queryFn: ({ signal }) => getJson<StationView>(`/v1/stations/${encodeURIComponent(station)}`, signal),
  });

/** The last fruits, of one station or of all; newest first. */
export const fruitsQuery = (station?: string) =>
  queryOptions({
    queryKey: ['fruits', station ?? null],
    queryFn: async ({ signal }): Promise<readonly StoredFruit[]> => {
      const query = new URLSearchParams({ limit: String(fruitsKept) });
      if (station !== undefined) query.set('station', station);
      return newestFruits(await getJson<StoredFruit[]>(`/v1/fruits?${query}`, signal));
    },
  });

/** Open ones first, each newest first. */
export const alertsQuery = queryOptions({
  queryKey: ['alerts'],
  queryFn: ({ signal }) => getJson<AlertView[]>('/v1/alerts', signal),
});

export const webhooksQuery = queryOptions({
  queryKey: ['webhooks'],
  queryFn: ({ signal }) => getJson<WebhookView[]>('/v1/webhooks', signal),
});

/** A version never changes, and its worst cases are many pictures. */
export const worstQuery = (name: string, version: number) =>
  queryOptions({
    queryKey: ['worst', name, version],
    queryFn: ({ signal }) =>
      getJson<WorstCase[]>(`/v1/models/${encodeURIComponent(name)}/versions/${version}/worst`, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** They come with the program. */
export const exampleRecipesQuery = queryOptions({
  queryKey: ['example-recipes'],
  queryFn: ({ signal }) => getJson<Recipe[]>('/v1/recipes/examples', signal),
  staleTime: Number.POSITIVE_INFINITY,
});

/** By which a station is to grade; another with each order that it is given. */
export const stationRecipeQuery = (station: string | undefined, counter: number | undefined) =>
  queryOptions({
    queryKey: ['station-recipe', station ?? null, counter ?? null],
    queryFn: ({ signal }) =>
      getJson<Recipe>(`/v1/stations/${encodeURIComponent(station ?? '')}/recipe`, signal),
    enabled: station !== undefined,
  });

/** For admins; looks anew each time. */
export const prunePreviewQuery = queryOptions({
  queryKey: ['prune'],
  queryFn: ({ signal }) => getJson<PruneReport>('/v1/models/prune', signal),
  staleTime: 0,
});

export const modelsQuery = queryOptions({
  queryKey: ['models'],
  queryFn: ({ signal }) => getJson<ModelView[]>('/v1/models', signal),
});

/** Trainings, newest first; asked again while the page is open, often while one runs, so that its curves grow. */
export const jobsQuery = queryOptions({
  queryKey: ['jobs'],
  queryFn: ({ signal }) => getJson<JobView[]>('/v1/jobs', signal),
  refetchInterval: ({ state: { data } }) => (data?.some(({ endedAt }) => endedAt === null) ? 2_000 : 10_000),
});

/** They come with the program. */
export const networksQuery = queryOptions({
  queryKey: ['networks'],
  queryFn: ({ signal }) => getJson<NetworkView[]>('/v1/networks', signal),
  staleTime: Number.POSITIVE_INFINITY,
});

/** Runs of the training program; asked again while the page is open. */
export const runsQuery = queryOptions({
  queryKey: ['training-runs'],
  queryFn: ({ signal }) => getJson<TrainingRunSummary[]>('/v1/training-runs', signal),
  refetchInterval: 10_000,
});

/** Two ended runs never change. */
export const runComparisonQuery = (a: number, b: number) =>
  queryOptions({
    queryKey: ['training-runs', a, b],
    queryFn: ({ signal }) => getJson<RunComparison>(`/v1/training-runs/compare?a=${a}&b=${b}`, signal),
  });

/** Asked again while the page is open: a rule adds to them. */
export const proposalsQuery = queryOptions({
  queryKey: ['retrain-proposals'],
  queryFn: ({ signal }) => getJson<RetrainProposal[]>('/v1/retrain/proposals', signal),
  refetchInterval: 5_000,
});

export const aliasesQuery = (name: string) =>
  queryOptions({
    queryKey: ['aliases', name],
    queryFn: ({ signal }) => getJson<ModelAlias[]>(`/v1/models/${encodeURIComponent(name)}/aliases`, signal),
  });

export const modelLogQuery = (name: string) =>
  queryOptions({
    queryKey: ['model-log', name],
    queryFn: ({ signal }) => getJson<ModelLogEntry[]>(`/v1/models/${encodeURIComponent(name)}/log`, signal),
  });

/** Figures of `b` beside those of `a`, each `NAME@VERSION`: versions never change. */
export const comparisonQuery = (a: string, b: string) =>
  queryOptions({
    queryKey: ['comparison', a, b],
    queryFn: ({ signal }) =>
      getJson<ModelComparison>(`/v1/models/compare?${new URLSearchParams({ a, b })}`, signal),
    staleTime: 'static',
  });

/** Of a model, `NAME@VERSION`. */
export const lineageQuery = (model: string) =>
  queryOptions({
    queryKey: ['lineage', model],
    queryFn: ({ signal }) => getJson<Lineage>(`/v1/lineage?${new URLSearchParams({ model })}`, signal),
  });

/** What the project wants of a model. */
export const projectQuery = queryOptions({
  queryKey: ['project'],
  queryFn: ({ signal }) => getJson<ProjectView>('/v1/project', signal),
});

/** What somebody set, newest first. */
export const projectVersionsQuery = queryOptions({
  queryKey: ['project', 'versions'],
  queryFn: ({ signal }) => getJson<ProjectView[]>('/v1/project/versions', signal),
});

/** What holds until somebody sets something else. */
export const projectDefaultsQuery = queryOptions({
  queryKey: ['project', 'defaults'],
  queryFn: ({ signal }) => getJson<ProjectView>('/v1/project/versions/0', signal),
  staleTime: Number.POSITIVE_INFINITY,
});

export const datasetsQuery = queryOptions({
  queryKey: ['datasets'],
  queryFn: ({ signal }) => getJson<DatasetView[]>('/v1/datasets', signal),
});

/** Asked again until it is over, or the control plane, which forgets uploads when it starts anew, knows nothing of it. */
export const uploadQuery = (name: string, id: number) =>
  queryOptions({
    queryKey: ['upload', name, id],
    queryFn: ({ signal }) =>
      getJson<UploadView>(`/v1/datasets/${encodeURIComponent(name)}/uploads/${id}`, signal),
    staleTime: ({ state: { data, error } }) => (isOver(data, error) ? 'static' : 0),
    refetchInterval: ({ state: { data, error } }) => (isOver(data, error) ? false : 500),
  });

function isOver(upload: UploadView | undefined, error: Error | null): boolean {
  const isUnknown = error instanceof ApiProblem && error.status === 404;
  return isUnknown || upload?.state === 'done' || upload?.state === 'failed';
}

export const samplesQuery = (query: SampleQuery) =>
  queryOptions({
    queryKey: ['samples', query],
    queryFn: ({ signal }) => {
      const search = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
      return getJson<SampleList>(`/v1/samples?${search}`, signal);
    },
  });

/** Below the samples: whatever is said of one may change it. */
export const agreementQuery = queryOptions({
  queryKey: ['samples', 'agreement'],
  queryFn: ({ signal }) => getJson<LabelAgreement>('/v1/samples/agreement', signal),
});

/** How far the photographs that people imported are labelled; below the samples as well. */
export const photographsQuery = queryOptions({
  queryKey: ['samples', 'photographs'],
  queryFn: ({ signal }) => getJson<PhotographCounts[]>('/v1/photographs', signal),
});

export const labelHistoryQuery = (id: number) =>
  queryOptions({
    queryKey: ['samples', 'history', id],
    queryFn: ({ signal }) => getJson<LabelEntry[]>(`/v1/samples/${id}/labels`, signal),
  });

/** Of every station, by name. */
export const driftsQuery = queryOptions({
  queryKey: ['drift'],
  queryFn: ({ signal }) => getJson<DriftSummary[]>('/v1/drift', signal),
});

/** Of one station, with its newest window alone. */
export const driftNewestQuery = (station: string) =>
  queryOptions({
    queryKey: ['drift', station, 'newest'],
    queryFn: async ({ signal }): Promise<DriftSummary> => {
      const path = `/v1/drift/${encodeURIComponent(station)}?windows=1`;
      const { windows, bins: _, ...shared } = await getJson<DriftDetail>(path, signal);
      return { ...shared, newest: windows.at(-1) ?? null };
    },
  });

export const driftQuery = (station: string) =>
  queryOptions({
    queryKey: ['drift', station],
    queryFn: ({ signal }) => getJson<DriftDetail>(`/v1/drift/${encodeURIComponent(station)}`, signal),
  });

export const usersQuery = queryOptions({
  queryKey: ['users'],
  queryFn: ({ signal }) => getJson<UserView[]>('/v1/users', signal),
});

export const sitesQuery = queryOptions({
  queryKey: ['sites'],
  queryFn: ({ signal }) => getJson<SiteView[]>('/v1/sites', signal),
});

export const tokensQuery = queryOptions({
  queryKey: ['tokens'],
  queryFn: ({ signal }) => getJson<TokenView[]>('/v1/tokens', signal),
});

/** What may change by the second is asked for by the second, while the page is looked at. */
const rolloutMs = 1_000;

export const rolloutsQuery = queryOptions({
  queryKey: ['rollouts'],
  queryFn: ({ signal }) => getJson<RolloutView[]>('/v1/rollouts', signal),
  refetchInterval: rolloutMs,
});

export const rolloutQuery = (id: number) =>
  queryOptions({
    queryKey: ['rollout', id],
    queryFn: ({ signal }) => getJson<RolloutDetail>(`/v1/rollouts/${id}`, signal),
    refetchInterval: rolloutMs,
  });

/** The stations that a query selects now. */
/** `release` is `NAME@VERSION`. */
export const rolloutPreviewQuery = (query: StationQuery, release: string | undefined) =>
  queryOptions({
    queryKey: ['rollout-preview', query, release],
    queryFn: () => {
      const of = release === undefined ? '' : `?release=${encodeURIComponent(release)}`;
      return sendJson<RolloutPreview>('POST', `/v1/rollouts/preview${of}`, query);
    },
    placeholderData: (before) => before,
  });
