/** The graphs that the backend runs and the exporter writes, for those who rewrite them: integers for floats, say. */
export { cast, constantNumber, integers, transpose } from '../domain/graph/build.ts';
export { type Plan, planOf } from '../domain/graph/plan.ts';
export {
  type Attribute,
  type Attributes,
  constantOf,
  inputOf,
  resultOf,
  sameShape,
  sizeOf,
  sourceOf,
  type Value,
} from '../domain/graph/value.ts';
export { modelBytes } from '../domain/onnx/model.ts';
