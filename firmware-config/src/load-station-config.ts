import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { TSchema } from '@pomona/schema';
import { Compile } from '@pomona/schema';
import { AppError, Claim, systemErrorCode } from '@pomona/wire';
import { type CameraConfig, cameraKinds } from './camera-config.ts';
import { encoderKinds } from './encoder-config.ts';
import { explainErrors, type FieldError } from './explain-errors.ts';
import { gateKinds, gateProblem } from './gate-config.ts';
import {
  Geometry,
  OperatorPageConfig,
  ProbationConfig,
  SamplingConfig,
  StationConfig,
  StatisticsConfig,
  UpdateConfig,
} from './station-config.ts';

const configValidator = Compile(StationConfig);
const claimValidator = Compile(Claim);
/** Of parts that differ by their `kind`: what each kind says of itself. */
const kindValidators = {
  camera: validatorsOf(cameraKinds),
  'camera/encoder': validatorsOf(encoderKinds),
  gate: validatorsOf(gateKinds),
};

/**
 * The configuration with its defaults filled in and its paths made absolute. Throws `config-unreadable` or
 * `config-invalid`; the message names the file, each wrong field and what was expected there.
 */
export async function loadStationConfig(path: string): Promise<StationConfig> {
  const file = resolve(path);
  const value = checkStationConfig(await readJson(file, 'the station’s configuration'), file);
  const absolute = (name: string): string => resolve(dirname(file), name);
  return {
    ...value,
    dataDir: absolute(value.dataDir),
    ...(value.gate.kind === 'log' && { gate: { ...value.gate, file: absolute(value.gate.file) } }),
    ...(value.camera.kind === 'replay' && {
      camera: { ...value.camera, folder: absolute(value.camera.folder) },
    }),
    ...(value.camera.kind === 'simulated' &&
      value.camera.photographs !== undefined && {
        camera: { ...value.camera, photographs: absolute(value.camera.photographs) },
      }),
    ...(typeof value.claim === 'string' && { claim: absolute(value.claim) }),
  };
}

/** The configuration with its defaults filled in; throws `config-invalid` with the name of the file and of each wrong field. */
export function checkStationConfig(content: unknown, file: string): StationConfig {
  const value = withDefaults(content);
  if (!configValidator.Check(value)) throw invalid(file, explainErrors(value, errorsOf(value)));
  const { camera, geometry } = value;
  if (!isExposedInTime(camera)) throw invalid(file, 'camera.exposureUs must be shorter than a frame lasts');
  if (value.operatorPage?.watching === 'pin' && value.operatorPage.pinHash === undefined)
    throw invalid(file, 'operatorPage.pinHash is missing, and operatorPage.watching asks for a PIN');
  if (camera.encoder?.kind === 'modbus' && camera.encoder.mmPerCount === 0)
    throw invalid(file, 'camera.encoder.mmPerCount must not be 0');
  if (geometry.fruitDiameterMinMm >= geometry.fruitDiameterMaxMm)
    throw invalid(file, 'geometry.fruitDiameterMinMm must be smaller than geometry.fruitDiameterMaxMm');
  const problem = gateProblem(value.gate, geometry) ?? pinProblem(value);
  if (problem !== undefined) throw invalid(file, problem);
  return value;
}

/** A pin serves one program: gpioset, or one gpiomon. */
function pinProblem({ camera: { encoder }, gate }: StationConfig): string | undefined {
  if (encoder?.kind !== 'gpio') return undefined;
  if (encoder.line === encoder.lineB) return 'camera.encoder.lineB must be another line than line';
  if (gate.kind !== 'gpio' || plainChip(gate.chip) !== plainChip(encoder.chip)) return undefined;
  const taken = new Set([
    gate.heartbeatLine,
    ...gate.outputs.flatMap(({ line, confirm }) => [line, confirm?.line]),
  ]);
  for (const field of ['line', 'lineB'] as const)
    if (encoder[field] !== undefined && taken.has(encoder[field]))
      return `camera.encoder.${field} ${encoder[field]} is in use by the gate`;
  return undefined;
}

function plainChip(chip: string): string {
  return chip.replace('/dev/', '');
}

/** Of a camera or a gate only what its own kind says of it: that it is none of the other kinds helps nobody. */
function errorsOf(value: unknown): FieldError[] {
  const others = configValidator
    .Errors(value)
    .filter(({ instancePath }) => !/^\/(camera|gate)(\/|$)/.test(instancePath));
  if (!isPlainObject(value)) return others;
  const { camera, gate } = value;
  return [
    ...others,
    ...(camera === undefined ? [] : cameraErrors(camera)),
    ...(gate === undefined ? [] : kindErrors('gate', gate)),
  ];
}

function cameraErrors(camera: unknown): FieldError[] {
  const errors = kindErrors('camera', camera);
  if (!isPlainObject(camera) || camera.encoder === undefined) return errors;
  const own = errors.filter(({ instancePath }) => !/^\/camera\/encoder(\/|$)/.test(instancePath));
  return [...own, ...kindErrors('camera/encoder', camera.encoder)];
}

function kindErrors(part: keyof typeof kindValidators, value: unknown): FieldError[] {
  const wrong = (path: string, keyword: string, params: object): FieldError[] => [
    { instancePath: `/${part}${path}`, keyword, message: 'must be object', params },
  ];
  if (!isPlainObject(value)) return wrong('', 'type', {});
  const validators = kindValidators[part];
  const validator = validators.get(String(value.kind));
  if (validator === undefined) return wrong('/kind', 'enum', { allowedValues: [...validators.keys()] });
  return validator
    .Errors(value)
    .map((error) => ({ ...error, instancePath: `/${part}${error.instancePath}` }));
}

function validatorsOf(kinds: Readonly<Record<string, TSchema>>) {
  return new Map<string, { Errors(value: unknown): FieldError[] }>(
    Object.entries(kinds).map(([kind, schema]) => [kind, Compile(schema)]),
  );
}

function isExposedInTime(camera: CameraConfig): boolean {
  return !('exposureUs' in camera) || camera.exposureUs * camera.framesPerSecond < 1e6;
}

/** The claim of a file. Throws as `loadStationConfig`. */
export async function readClaimFile(file: string): Promise<Claim> {
  const value = await readJson(file, 'the claim');
  if (!claimValidator.Check(value)) throw invalid(file, explainErrors(value, claimValidator.Errors(value)));
  return value;
}

/** The claim that the configuration holds or points to; undefined when it has none. Throws as `loadStationConfig`. */
export async function readClaim(config: StationConfig): Promise<Claim | undefined> {
  return typeof config.claim === 'string' ? readClaimFile(config.claim) : config.claim;
}

async function readJson(file: string, what: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === undefined) throw error;
    throw new AppError('config-unreadable', `${file}: ${what} cannot be read (${code})`, {
      cause: error,
      hint: code === 'ENOENT' ? 'Check the path; there is no such file.' : 'Check the file’s permissions.',
    });
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // What the engine quotes of the text may be a part of a password.
    throw invalid(file, `is not JSON: ${error.message.replace(/, (\.\.\.)?".*/s, '')}`);
  }
}

function withDefaults(value: unknown): unknown {
  if (!isPlainObject(value)) return value;
  return {
    ...defaultsOf(StationConfig.properties),
    ...value,
    ...('camera' in value && { camera: cameraWithDefaults(value.camera) }),
    ...('operatorPage' in value && { operatorPage: filled(value.operatorPage, OperatorPageConfig) }),
    gate: gateWithDefaults(value),
    geometry: filled(value.geometry ?? {}, Geometry),
    probation: filled(value.probation ?? {}, ProbationConfig),
    sampling: samplingWithDefaults(value.sampling ?? {}),
    statistics: filled(value.statistics ?? {}, StatisticsConfig),
    update: filled(value.update ?? {}, UpdateConfig),
  };
}

function cameraWithDefaults(value: unknown): unknown {
  const camera = kindWithDefaults(value, cameraKinds);
  if (!isPlainObject(camera) || camera.encoder === undefined) return camera;
  return { ...camera, encoder: kindWithDefaults(camera.encoder, encoderKinds) };
}

function samplingWithDefaults(value: unknown): unknown {
  if (!isPlainObject(value)) return value;
  const { uncertain, random } = SamplingConfig.properties;
  return {
    ...defaultsOf(SamplingConfig.properties),
    ...value,
    uncertain: filled(value.uncertain ?? {}, uncertain),
    random: filled(value.random ?? {}, random),
  };
}

function gateWithDefaults({ gate, dataDir }: Readonly<Record<string, unknown>>): unknown {
  const whole = kindWithDefaults(gate === undefined ? { kind: 'log' } : gate, gateKinds);
  if (!isPlainObject(whole)) return whole;
  if (whole.kind === 'log')
    return { file: typeof dataDir === 'string' ? `${dataDir}/gate.log` : 'gate.log', ...whole };
  if (!Array.isArray(whole.outputs)) return whole;
  // Of a kind that there is not no field has a default that anybody would miss.
  const kind = outletKinds.get(whole.kind) ?? gateKinds.mqtt;
  const { properties } = kind.properties.outputs.items;
  const outputs = whole.outputs.map((output: unknown) => {
    const complete = filled(output, { properties });
    if (!isPlainObject(complete) || complete.confirm === undefined) return complete;
    return { ...complete, confirm: filled(complete.confirm, properties.confirm) };
  });
  return { ...whole, outputs };
}

const outletKinds = new Map<unknown, typeof gateKinds.mqtt | typeof gateKinds.modbus | typeof gateKinds.gpio>(
  [gateKinds.mqtt, gateKinds.modbus, gateKinds.gpio].map((kind) => [kind.properties.kind.const, kind]),
);

function kindWithDefaults(
  value: unknown,
  kinds: Readonly<Record<string, { readonly properties: Readonly<Record<string, TSchema>> }>>,
): unknown {
  const schema = Object.entries(kinds).find(([kind]) => isPlainObject(value) && value.kind === kind)?.[1];
  return schema === undefined ? value : filled(value, schema);
}

/** What is no object is left for the schema to refuse. */
function filled(
  part: unknown,
  { properties }: { readonly properties: Readonly<Record<string, TSchema>> },
): unknown {
  return isPlainObject(part) ? { ...defaultsOf(properties), ...part } : part;
}

function defaultsOf(properties: Readonly<Record<string, TSchema>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, schema]) =>
      'default' in schema ? [[name, schema.default]] : [],
    ),
  );
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(file: string, detail: string): AppError {
  return new AppError('config-invalid', `${file}: ${detail}`, {
    hint: 'Correct the field; firmware-config/README.md describes all of them with an example.',
  });
}
