import type { components } from "@/api/schema";
import { say } from "./texts";

type Shape<Name extends keyof components["schemas"]> = components["schemas"][Name];
export type View = Shape<"DoorView">;
export type Line = View["lines"][number];
export type Mine = View["returns"][number];
export type Way = View["ways"][number];
export type Reason = View["reasons"][number];
export type Told = Shape<"DoorPreview">;
export type Question = Shape<"DoorQuestion">;

const DOOR = "/api/v1/return-door";

/** The server's no: a sentence for people, and the name that code knows it by. */
export class No extends Error {
  constructor(
    message: string,
    readonly code: string,
  ) {
    super(message);
    this.name = "No";
  }
}

let csrf = "";

/** One key for all tries of one change, so that a phone that lost the answer can ask again. */
export const freshKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");

async function ask<T>(method: string, path: string, body?: unknown, key = freshKey()): Promise<T> {
  const headers: Record<string, string> = {};
  if (method !== "GET") headers["X-CSRF-Token"] = csrf;
  if (method !== "GET") headers["Idempotency-Key"] = key;
  if (body !== undefined && !(body instanceof Blob)) headers["Content-Type"] = "application/json";
  let answer: Response;
  try {
    answer = await fetch(DOOR + path, { method, headers, body: body === undefined || body instanceof Blob ? body : JSON.stringify(body) });
  } catch {
    throw new No(say("noAnswer"), "no_answer");
  }
  if (answer.status === 204) return undefined as T;
  const told = (await answer.json().catch(() => null)) as { error?: Shape<"ErrorBody">; csrf_token?: string } | null;
  if (!answer.ok) throw new No(told?.error?.fields[0]?.message ?? told?.error?.message ?? say("noAnswer"), told?.error?.code ?? "no_answer");
  if (told?.csrf_token) csrf = told.csrf_token;
  return told as T;
}

export const door = {
  code: (order: string, email: string) => ask<{ challenge: string }>("POST", "/code", { order, email }),
  open: (challenge: string, code: string) => ask("POST", "/session", { challenge, code }),
  link: (link: string) => ask("POST", "/session/link", { link }),
  leave: () => ask("DELETE", "/session"),
  view: () => ask<View>("GET", ""),
  preview: (question: Question) => ask<Told>("POST", "/preview", question),
  request: (question: Question & { total: number; label_price: number }, key: string) => ask<{ id: string }>("POST", "/returns", question, key),
  cancel: (one: Mine) => ask("POST", `/returns/${one.id}/cancel`, { version: one.version }),
  photo: (id: string, line: number, photo: Blob) => ask("POST", `/returns/${id}/lines/${line}/photos`, photo),
};

export const labelHref = (id: string) => `${DOOR}/returns/${id}/label.pdf`;
export const codeHref = (id: string) => `${DOOR}/returns/${id}/code.svg`;
export const photoHref = (id: string, photo: string) => `${DOOR}/returns/${id}/photos/${photo}`;
