import { NoAnswer, problemOf } from "./problem";

const CHANGES = new Set(["POST", "PUT", "PATCH", "DELETE"]);
const TRIES = 3;

let csrf: string | null = null;
let signedOut: () => void = () => undefined;

export function rememberCsrf(token: string | null): void {
  csrf = token;
}

/** `tell` is called when the server knows the caller no more. */
export function onSignedOut(tell: () => void): void {
  signedOut = tell;
}

function csrfToken(): string {
  if (csrf) return csrf;
  const found = /(?:^|; )backoffice_csrf=([^;]*)/.exec(document.cookie)?.[1];
  return found ? decodeURIComponent(found) : "";
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Sends a request of the API. A change carries the session's token and one idempotency key over all its tries,
 * so that trying again after silence or a 503 can never do it twice.
 *
 * Throws Problem (the server said no) or NoAnswer.
 */
export async function send(request: Request): Promise<Response> {
  const change = CHANGES.has(request.method);
  if (change) {
    request.headers.set("X-CSRF-Token", csrfToken());
    if (!request.headers.has("Idempotency-Key")) request.headers.set("Idempotency-Key", freshKey());
  }
  for (let attempt = 1; ; attempt += 1) {
    let response: Response;
    try {
      response = await fetch(request.clone());
    } catch (error) {
      if (request.signal.aborted) throw error;
      if (attempt === TRIES) throw new NoAnswer(error);
      await pause(250 * 2 ** attempt);
      continue;
    }
    if (response.ok) return response;
    if (response.status === 503 && attempt < TRIES) {
      await pause(1000 * Math.min(5, Number(response.headers.get("Retry-After")) || 1));
      continue;
    }
    const problem = await problemOf(response);
    // A wrong password or code is 401 too, and ends nothing.
    if (problem.code === "not_signed_in") signedOut();
    throw problem;
  }
}

/** `crypto.randomUUID` is missing where the page comes over plain HTTP from another machine. */
export function freshKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
}
