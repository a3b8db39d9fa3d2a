import type { Problem } from '@pomona/wire';
import { ApiProblem, problemOf } from './api.ts';

const broken: Problem = {
  code: 'UNREACHABLE',
  message: 'The upload did not arrive.',
  hint: 'See that the control plane runs and that this machine reaches it, and send the file again.',
};

/**
 * Sends a file that may take minutes, and says how far it is (0 to 1), which `fetch` cannot. Resolves with the answer. Throws
 * `ApiProblem`.
 */
export function uploadFile<T>(
  path: string,
  file: Blob,
  type: string,
  onProgress: (share: number) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', path);
    request.responseType = 'json';
    request.setRequestHeader('content-type', type);
    request.setRequestHeader('accept', 'application/json');
    request.upload.onprogress = ({ loaded, total }) => onProgress(total === 0 ? 1 : loaded / total);
    request.onerror = () => reject(new ApiProblem(broken, 0));
    request.onload = () => {
      const { status, response } = request;
      if (status >= 200 && status < 300) resolve(response as T);
      else reject(new ApiProblem(problemOf(response, status), status));
    };
    request.send(file);
  });
}
