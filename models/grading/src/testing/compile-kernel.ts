import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { main } from 'assemblyscript/asc';

const folder = fileURLToPath(new URL('../..', import.meta.url));
const charactersPerLine = 100;

/** The text of `src/kernel.gen.ts` as it follows from `kernel/`. */
export async function compileKernel(): Promise<string> {
  let binary: Uint8Array | undefined;
  const { error, stderr } = await main(
    [
      ...['kernel/index.ts', '--outFile', 'kernel.wasm', '--runtime', 'stub', '--importMemory', '--noAssert'],
      ...['--optimizeLevel', '3', '--shrinkLevel', '0', '--converge', '--enable', 'simd'],
    ],
    {
      readFile: (name) => readFile(join(folder, name), 'utf8').catch(() => null),
      writeFile: (_name, contents) => {
        if (typeof contents !== 'string') binary = contents;
      },
      listFiles: () => [],
    },
  );
  if (error !== null || binary === undefined)
    throw new Error(`the kernel does not compile:\n${stderr.toString()}`, { cause: error });
  const lines = Buffer.from(binary)
    .toString('base64')
    .match(new RegExp(`.{1,${charactersPerLine}}`, 'g'));
  return `/** A WebAssembly module in base64, made from \`kernel/\` by \`pnpm --filter @pomona/grading kernel\`. */
export const kernelBase64 = [
${lines?.map((line) => `  '${line}',`).join('\n')}
].join('');
`;
}
