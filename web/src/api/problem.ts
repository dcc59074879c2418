import type { components } from "./schema";

type ErrorBody = components["schemas"]["ErrorBody"];

/** What the server said no with: a sentence for people, its facts, and the id under which the log has it. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: Record<string, unknown>;
  readonly fields: { field: string; message: string }[];
  readonly requestId: string;

  constructor(status: number, body: ErrorBody) {
    super(body.message);
    this.name = "Problem";
    this.status = status;
    this.code = body.code;
    this.details = body.details;
    this.fields = body.fields;
    this.requestId = body.request_id;
  }

  /** Somebody else changed it since it was read. */
  get isStale(): boolean {
    return this.status === 409 && this.code.startsWith("stale");
  }

  fieldMessage(name: string): string | undefined {
    return this.fields.find((f) => f.field === name || f.field.endsWith(`.${name}`))?.message;
  }
}

/** Nobody answered: the network or the server is away, so it may or may not have been done. */
export class NoAnswer extends Error {
  constructor(cause?: unknown) {
    super("The server does not answer. What you entered is still here; try again in a moment.", { cause });
    this.name = "NoAnswer";
  }
}

export async function problemOf(response: Response): Promise<Problem> {
  const requestId = response.headers.get("x-request-id") ?? "";
  try {
    const said = (await response.json()) as { error?: ErrorBody };
    if (said.error) return new Problem(response.status, said.error);
  } catch {
    // Not ours: a proxy's page, perhaps.
  }
  const message = `The server answered ${response.status} without a reason.`;
  return new Problem(response.status, { code: "unreadable", message, details: {}, fields: [], request_id: requestId });
}
