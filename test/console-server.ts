import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import type {
  AlertView,
  DatasetView,
  DriftDetail,
  JobView,
  LabelAgreement,
  LabelEntry,
  Lineage,
  LiveEvent,
  ModelView,
  NetworkView,
  Overview,
  PhotographCounts,
  Problem,
  RetrainProposal,
  Role,
  RunComparison,
  SampleView,
  StoredFruit,
  TrainingRunSummary,
} from '@pomona/wire';

const dist = new URL('../cloud/console/dist/', import.meta.url).pathname;

/** Nothing from elsewhere, nothing inline: what the console promises to live with. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const sevenViews = `<svg xmlns="http://www.w3.org/2000/svg" width="1380" height="192">${[0, 1, 2, 3, 4, 5, 6]
  .map((i) => `<circle cx="${96 + i * 198}" cy="96" r="80" fill="#b33"/>`)
  .join('')}</svg>`;

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

const signedIn = { principal: { name: 'ann', role: 'admin', kind: 'user' }, setupNeeded: false };

export interface ConsoleAnswers {
  overview: Overview;
  fruits: StoredFruit[];
  models: ModelView[];
  datasets: DatasetView[];
  jobs?: JobView[];
  networks?: NetworkView[];
  runs?: TrainingRunSummary[];
  /** Of any two of them. */
  comparison?: Pick<RunComparison, 'same' | 'rows' | 'curvesPartAt'>;
  /** Of every model. */
  lineage?: Lineage;
  samples?: SampleView[];
  photographs?: PhotographCounts[];
  agreement?: LabelAgreement;
  /** Of every sample. */
  history?: LabelEntry[];
  alerts?: AlertView[];
  proposals?: RetrainProposal[];
  /** An admin unless named. */
  role?: Role;
  /** When set, the answer of every route. */
  problem?: Problem;
}

/** The built console and the routes it reads, with answers that a test chooses. */
export class ConsoleServer {
  readonly answers: ConsoleAnswers;
  /** Jobs that were asked for. */
  readonly ordered: { readonly path: string; readonly body: unknown }[] = [];
  readonly #streams = new Set<ServerResponse>();
  #server: Server | undefined;
  #port = 0;

  constructor(answers: ConsoleAnswers) {
    this.answers = answers;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** On a free port at first, and on the same one after a `stop`. */
  async start(): Promise<void> {
    const server = createServer((request, response) => void this.#answer(request, response));
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** At once, cutting every connection, as a power cut would. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  get listeners(): number {
    return this.#streams.size;
  }

  push(event: LiveEvent): void {
    for (const stream of this.#streams)
      stream.write(`event: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', this.url);
    if (!pathname.startsWith('/v1/')) return this.#file(pathname, response);
    if (pathname === '/v1/session') {
      const principal = { ...signedIn.principal, role: this.answers.role ?? 'admin' };
      return json(response, 200, { ...signedIn, principal });
    }
    if (this.answers.problem) return json(response, 503, this.answers.problem);
    if (pathname === '/v1/events') return this.#stream(response);
    const { overview, fruits, models, datasets } = this.answers;
    if (pathname === '/v1/overview') return json(response, 200, overview);
    if (/^\/v1\/models\/[^/]+\/(aliases|log)$/.test(pathname)) return json(response, 200, []);
    const [, worstOf] = /^\/v1\/models\/[^/]+\/versions\/(\d+)\/worst$/.exec(pathname) ?? [];
    if (worstOf !== undefined) {
      const model = models.find(({ version }) => version === Number(worstOf));
      return json(response, 200, model?.evaluation.worst ?? []);
    }
    if (pathname === '/v1/models/compare') {
      const [a, b] = models;
      return json(response, 200, { a, b, figures: [], settings: [], notes: [] });
    }
    if (pathname === '/v1/lineage') return json(response, 200, this.answers.lineage ?? noLineage);
    if (pathname === '/v1/training-runs') return json(response, 200, this.answers.runs ?? []);
    if (pathname === '/v1/training-runs/compare') return json(response, 200, this.answers.comparison);
    if (pathname === '/v1/networks') return json(response, 200, this.answers.networks ?? []);
    if (/^\/v1\/(jobs\/|retrain$)/.test(pathname) && request.method === 'POST')
      return this.#order(request, pathname, response);
    if (pathname === '/v1/jobs') return json(response, 200, this.answers.jobs ?? []);
    if (pathname === '/v1/alerts') return json(response, 200, this.answers.alerts ?? []);
    if (pathname === '/v1/drift') return json(response, 200, []);
    if (pathname.startsWith('/v1/drift/'))
      return json(response, 200, noDriftOf(pathname.slice('/v1/drift/'.length)));
    if (pathname.startsWith('/v1/retrain/proposals')) return this.#proposals(request, pathname, response);
    if (pathname === '/v1/models') return json(response, 200, models);
    if (pathname === '/v1/datasets') return json(response, 200, datasets);
    if (pathname === '/v1/photographs') return json(response, 200, this.answers.photographs ?? []);
    if (pathname === '/v1/fruits') {
      const station = searchParams.get('station');
      return json(
        response,
        200,
        fruits.filter((fruit) => station === null || fruit.station === station),
      );
    }
    if (pathname.startsWith('/v1/samples')) return this.#samples(request, pathname, searchParams, response);
    const name = pathname.replace('/v1/stations/', '');
    const station = overview.stations.find((view) => view.station === name);
    if (station !== undefined) return json(response, 200, station);
    json(response, 404, {
      code: 'NO_SUCH_STATION',
      message: `There is no ${name}.`,
      hint: 'See the overview.',
    });
  }

  async #order(request: IncomingMessage, path: string, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const part of request) body += part;
    this.ordered.push({ path, body: JSON.parse(body) });
    json(response, 202, {});
  }

  /** Lists and decides as the control plane does. */
  async #proposals(request: IncomingMessage, pathname: string, response: ServerResponse): Promise<void> {
    const all = this.answers.proposals ?? [];
    if (request.method === 'GET') return json(response, 200, all);
    const [, id, decision] = /([0-9]+)\/(approve|decline)$/.exec(pathname) ?? [];
    const proposal = all.find((each) => String(each.id) === id);
    if (proposal === undefined)
      return json(response, 404, { code: 'proposal-unknown', message: '', hint: '' });
    let body = '';
    for await (const part of request) body += part;
    proposal.state = decision === 'approve' ? 'approved' : 'declined';
    if (decision === 'decline') proposal.reason = (JSON.parse(body) as { reason: string }).reason;
    json(response, 200, proposal);
  }

  /** Lists and labels as the control plane does; every picture is the same. */
  async #samples(
    request: IncomingMessage,
    pathname: string,
    query: URLSearchParams,
    response: ServerResponse,
  ): Promise<void> {
    const all = this.answers.samples ?? [];
    if (/\.(png|jpg)$/.test(pathname)) {
      response.writeHead(200, { 'content-type': 'image/svg+xml' });
      response.end(sevenViews);
      return;
    }
    const [, number, what] = /^\/v1\/samples\/(\d+)\/(\w+)$/.exec(pathname) ?? [];
    if (pathname === '/v1/samples/agreement')
      return json(response, 200, this.answers.agreement ?? noAgreement);
    if (what === 'labels') return json(response, 200, this.answers.history ?? []);
    if (request.method === 'PUT') {
      const sample = all.find(({ id }) => String(id) === number);
      if (sample === undefined) return json(response, 404, { code: 'sample-unknown', message: '', hint: '' });
      let body = '';
      for await (const part of request) body += part;
      const { label } = JSON.parse(body) as { label: string | null };
      if (what === 'opinion' && label !== null) {
        sample.second = { label, by: 'ann' };
        sample.review = label === sample.label ? 'agreed' : 'disputed';
      } else if (what === 'decision') sample.review = label === null ? 'unresolved' : 'settled';
      if (what !== 'opinion' && (what === 'label' || label !== null)) sample.label = label;
      return json(response, 200, sample);
    }
    const state = query.get('state');
    const reviewed = (review: SampleView['review']) => all.filter((sample) => sample.review === review);
    const labelled = all.filter(({ label }) => label !== null);
    const byState = new Map([
      ['labelled', labelled],
      ['unlabelled', all.filter(({ label, photograph }) => label === null && !photograph?.refused)],
      ['quarantined', all.filter(({ label, photograph }) => label === null && photograph?.refused)],
      ['second', reviewed('wanted').map((sample) => ({ ...sample, label: null }))],
      ['disputed', reviewed('disputed')],
      ['unresolved', reviewed('unresolved')],
    ]);
    const samples = state === null ? all : (byState.get(state) ?? []);
    const quarantined = all.filter(({ label, photograph }) => label === null && photograph?.refused).length;
    const unlabelled = all.length - labelled.length - quarantined;
    const counts = { labelled: labelled.length, unlabelled, quarantined };
    const reviews = {
      second: reviewed('wanted').length,
      disputed: reviewed('disputed').length,
      unresolved: 0,
    };
    json(response, 200, { samples, counts, reviews });
  }

  #stream(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.flushHeaders();
    this.#streams.add(response);
    response.on('close', () => this.#streams.delete(response));
  }

  async #file(pathname: string, response: ServerResponse): Promise<void> {
    const name = extname(pathname) === '' ? 'index.html' : normalize(pathname);
    const body = await readFile(join(dist, name));
    response.writeHead(200, {
      'content-type': types[extname(name)] ?? 'application/octet-stream',
      'content-security-policy': policy,
    });
    response.end(body);
  }
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

const noLineage: Lineage = {
  of: { kind: 'model', name: 'apples@3' },
  ...{ photographs: [], quarantined: [], datasets: [], models: [], runs: [], unreadable: [] },
};

const noAgreement: LabelAgreement = {
  fruitsMin: 30,
  overall: {
    ...{ fruits: 0, agreed: 0, kappa: null, interval: null, verdict: 'insufficient-data', mostly: null },
    words: 'No fruit was labelled by two people so far.',
  },
  pairs: [],
};

function noDriftOf(station: string): DriftDetail {
  const baseline = { windows: 0, needed: 10, complete: false };
  return { station, release: null, baseline, windowCount: 0, kind: null, bins: [], windows: [] };
}
