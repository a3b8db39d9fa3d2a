import type { Health, StationView } from '@pomona/wire';
import {
  formatCount,
  formatDuration,
  formatMegabytes,
  formatMs,
  formatPercent,
  formatRate,
  none,
} from '../domain/format.ts';
import { cameraNote, gatesNote } from '../domain/health-notes.ts';
import {
  cameraText,
  cameraTone,
  diskTone,
  gatesTone,
  latencyTone,
  missedTone,
  outboxTone,
  temperatureTone,
  throttleText,
  throttleTone,
} from '../domain/health-verdict.ts';
import { Ago } from './ago.tsx';
import { Figure, Figures } from './figure.tsx';
import { Panel } from './panel.tsx';

/** The device's last word on itself. */
export function HealthPanel({ view }: { readonly view: StationView }) {
  const { health } = view;
  if (health === null) {
    return (
      <Panel title="Health">
        <p>The device has not told how it is yet. It does so every few seconds once it is connected.</p>
      </Panel>
    );
  }
  const missedShare = health.fruits === 0 ? 0 : health.missedDeadlines / health.fruits;
  return (
    <Panel title="Health" note={<Ago at={health.at} />}>
      <Figures>
        {health.pausedSince !== undefined && (
          <Figure label="Grading" value="paused" note={<Ago at={health.pausedSince} />} tone="warn" />
        )}
        <Figure
          label="Latency p99"
          value={formatMs(health.latencyMs.p99)}
          note="99 of 100 fruits are faster"
          tone={latencyTone(health)}
        />
        <Figure label="Latency p50" value={formatMs(health.latencyMs.p50)} note="half are faster" />
        <Figure
          label="Missed deadlines"
          value={formatCount(health.missedDeadlines)}
          note={`${formatPercent(missedShare)} of fruits`}
          tone={missedTone(health)}
        />
        {health.notFruit !== undefined && health.notFruit > 0 && (
          <Figure
            label="No fruit"
            value={formatCount(health.notFruit)}
            note="leaves, cups, hands; not graded"
          />
        )}
        <Figure
          label="Frames per second"
          value={formatRate(health.framesPerSecond)}
          note={`${formatCount(health.droppedFrames)} dropped`}
        />
        {health.camera && <Camera camera={health.camera} health={health} />}
        {health.gates && (
          <Figure
            label="Gates"
            value={health.gates.connected ? 'connected' : 'away'}
            note={gatesNote(health.gates)}
            tone={gatesTone(health)}
          />
        )}
        <Figure label="CPU" value={`${Math.round(health.cpuPercent)} %`} note="of one core" />
        {health.loadAverage !== undefined && (
          <Figure label="Load" value={formatRate(health.loadAverage)} note="of the board, last minute" />
        )}
        <Figure label="Memory" value={formatMegabytes(health.rssMb)} />
        <Figure
          label="Temperature"
          value={health.temperatureC === null ? none : `${Math.round(health.temperatureC)} °C`}
          tone={temperatureTone(health)}
        />
        {health.throttled && <Power throttled={health.throttled} health={health} />}
        <Figure
          label="Disk free"
          value={formatMegabytes(health.diskFreeMb)}
          {...(health.outboxInMemory && { note: 'full: records wait in memory' })}
          tone={diskTone(health)}
        />
        <Figure
          label="Outbox"
          value={formatCount(health.outboxDepth)}
          note={
            health.outboxDropped > 0
              ? `${formatCount(health.outboxDropped)} thrown away`
              : 'records to send, none lost'
          }
          tone={outboxTone(health)}
        />
        <Figure label="Rejected messages" value={formatCount(health.rejectedMessages)} />
        <Figure label="Up for" value={formatDuration(health.uptimeS)} />
      </Figures>
    </Panel>
  );
}

interface PowerProps {
  readonly health: Health;
  readonly throttled: NonNullable<Health['throttled']>;
}

/** Only a Raspberry Pi tells. */
function Power({ health, throttled: { now, sinceBoot } }: PowerProps) {
  const words = (causes: typeof now) => causes.map((cause) => throttleText[cause]).join(', ');
  const notes = [
    ...(now.length === 0 ? [] : [`now ${words(now)}`]),
    ...(sinceBoot.length === 0 ? [] : [`since boot ${words(sinceBoot)}`]),
  ];
  return (
    <Figure
      label="Power and heat"
      value={now.length === 0 ? 'fine' : 'limited'}
      note={notes.length === 0 ? 'since boot' : notes.join('; ')}
      tone={throttleTone(health)}
    />
  );
}

interface CameraProps {
  readonly health: Health;
  readonly camera: NonNullable<Health['camera']>;
}

function Camera({ health, camera }: CameraProps) {
  const { faults } = camera;
  const note = cameraNote(camera);
  return (
    <Figure
      label="Camera"
      value={faults.length === 0 ? 'fine' : faults.map((fault) => cameraText[fault]).join(', ')}
      {...(note !== '' && { note })}
      tone={cameraTone(health)}
    />
  );
}
