/**
 * What to do with telemetry that is JSON but breaks its schema. A sender keeps every record until it is acknowledged, so
 * a record that we can never accept would be sent for ever and hold back what stands behind it. What names itself by
 * (boot, seq) is therefore taken off the sender's hands: fruits that are valid by themselves are stored, the others go
 * to quarantine as they came, and all of them are acknowledged. What does not even name itself is only counted.
 */

import { Compile } from '@pomona/schema';
import { BootId, FruitRecord, Grades } from '@pomona/wire';

export interface Salvage {
  readonly boot: string;
  /** A valid message with the fruits that are valid; undefined when nothing of it is. */
  readonly grades: Grades | undefined;
  /** Records that go to quarantine. */
  readonly refused: readonly RefusedRecord[];
}

export interface RefusedRecord {
  readonly seq: number;
  readonly body: string;
}

const bootValidator = Compile(BootId);
const fruitValidator = Compile(FruitRecord);
const gradesValidator = Compile(Grades);
const fruitsMax = 500;
const refusedBodyCharsMax = 4_000;

export function salvageGrades(value: unknown): Salvage | undefined {
  if (!isObject(value) || !isBoot(value.boot)) return undefined;
  const fruits: readonly unknown[] = Array.isArray(value.fruits) ? value.fruits.slice(0, fruitsMax) : [];
  const valid: FruitRecord[] = [];
  const refused: RefusedRecord[] = [];
  for (const fruit of fruits) {
    if (fruitValidator.Check(fruit)) valid.push(fruit);
    else if (isObject(fruit) && isSeq(fruit.seq)) refused.push(refusedRecord(fruit.seq, fruit));
  }
  const grades = { ...value, seq: valid[0]?.seq, fruits: valid };
  if (gradesValidator.Check(grades)) return { boot: value.boot, grades, refused };
  const all = [...refused, ...valid.map((fruit) => refusedRecord(fruit.seq, fruit))];
  if (all.length === 0 && isSeq(value.seq)) all.push(refusedRecord(value.seq, value));
  return all.length > 0 ? { boot: value.boot, grades: undefined, refused: all } : undefined;
}

export function salvageRecord(value: unknown): Salvage | undefined {
  if (!isObject(value) || !isBoot(value.boot) || !isSeq(value.seq)) return undefined;
  return { boot: value.boot, grades: undefined, refused: [refusedRecord(value.seq, value)] };
}

function refusedRecord(seq: number, value: unknown): RefusedRecord {
  return { seq, body: JSON.stringify(value).slice(0, refusedBodyCharsMax) };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isBoot(value: unknown): value is string {
  return bootValidator.Check(value);
}

function isSeq(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
