import { useCallback, useState } from "react";
import { sounds } from "./sounds";

export type Signal = { tone: "right" | "wrong" | "through"; text: string; detail?: string; count: number };

/** What the last scan led to: a colour, a sound (where it is heard) and a sentence, until the next one. */
export function useSignal({ silent = false } = {}) {
  const [signal, setSignal] = useState<Signal | null>(null);
  const say = useCallback((tone: Signal["tone"], text: string, detail?: string) => {
    if (!silent) sounds[tone]();
    setSignal((before) => ({ tone, text, detail, count: (before?.count ?? 0) + 1 }));
  }, [silent]);
  return { signal, say };
}

export const sentenceOf = (error: unknown): string => (error instanceof Error ? error.message : "That did not work.");
