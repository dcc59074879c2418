export type LiveEvent = { id: string; kind: string; subject: string; at: string; payload: Record<string, unknown> };

/** Server-sent events out of pieces of text that may end anywhere. Comments and unreadable data are left out. */
export function eventReader(take: (event: LiveEvent) => void): (piece: string) => void {
  let rest = "";
  return (piece) => {
    const blocks = (rest + piece).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const event = parse(block);
      if (event) take(event);
    }
  };
}

function parse(block: string): LiveEvent | null {
  let id = "";
  let data = "";
  for (const line of block.split("\n")) {
    if (line.startsWith("id: ")) id = line.slice(4);
    else if (line.startsWith("data: ")) data += line.slice(6);
  }
  if (!data) return null;
  try {
    return { id, ...(JSON.parse(data) as Omit<LiveEvent, "id">) };
  } catch {
    return null;
  }
}

/**
 * Follow the stream until `signal` says stop, coming back after every break where it ended. A reader of our
 * own and not EventSource, which has to be told the name of every kind of event beforehand.
 */
export async function follow(take: (event: LiveEvent) => void, tell: (on: boolean) => void, signal: AbortSignal) {
  let last = "";
  for (let failures = 0; !signal.aborted; ) {
    try {
      const headers: HeadersInit = last ? { "Last-Event-ID": last } : {};
      const response = await fetch("/api/v1/events", { headers, signal });
      if (response.status === 401) return;
      if (!response.ok || !response.body) throw new Error(`status ${response.status}`);
      const read = eventReader((event) => {
        last = event.id;
        take(event);
      });
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      tell(true);
      failures = 0;
      for (let piece = await reader.read(); !piece.done; piece = await reader.read()) read(piece.value);
    } catch {
      failures += 1;
    }
    if (signal.aborted) return;
    tell(false);
    await new Promise((resolve) => setTimeout(resolve, Math.min(15_000, 500 * 2 ** failures)));
  }
}
