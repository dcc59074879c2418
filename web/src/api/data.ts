import type { DataProvider, GetListParams, Identifier, RaRecord } from "ra-core";
import { resourceOf, type Row } from "./resources";
import { send } from "./send";

type Page = { data: Row[]; page: { total: number | null; next_cursor: string | null; limit: number } };
type Query = Record<string, string | number | boolean | undefined>;

async function call(method: string, path: string, query: Query = {}, body?: unknown, headers?: HeadersInit) {
  const url = new URL(`/api/v1/${path}`, location.origin);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== "") url.searchParams.set(name, String(value));
  }
  const init: RequestInit = { method, headers: { "Content-Type": "application/json", ...headers } };
  if (body !== undefined) init.body = JSON.stringify(body);
  const response = await send(new Request(url, init));
  return response.status === 204 ? {} : ((await response.json()) as unknown);
}

/** Filters as the API spells them (`status_in`), values joined by commas; a bare name means equality. */
export function filterQuery(filter: Record<string, unknown>): Query {
  const query: Query = {};
  for (const [name, value] of Object.entries(filter)) {
    if (value === undefined || value === null || value === "") continue;
    const spelled = /_(eq|not_eq|cont|start|end|lt|lteq|gt|gteq|in|null)$/.test(name) ? name : `${name}_eq`;
    query[spelled] = Array.isArray(value) ? value.join(",") : (value as string | number | boolean);
  }
  return query;
}

function listQuery({ pagination, sort, filter, meta }: GetListParams): Query {
  const extra = (meta ?? {}) as { expand?: string; cursor?: string };
  const query: Query = { limit: pagination?.perPage ?? 50, count: "exact", expand: extra.expand };
  if (extra.cursor) query.cursor = extra.cursor;
  else query.page = pagination?.page ?? 1;
  if (sort?.field) query.sort = `${sort.order === "DESC" ? "-" : ""}${sort.field}`;
  return { ...query, ...filterQuery((filter ?? {}) as Record<string, unknown>) };
}

const one = (resource: string, id: Identifier) => `${resourceOf(resource).path}/${encodeURIComponent(id)}`;
const version = (seen?: Partial<Row>): Record<string, string> =>
  typeof seen?.version === "number" ? { "If-Match": `"${seen.version}"` } : {};

function keyed(resource: string, row: Row): RaRecord {
  return { ...row, id: (resourceOf(resource).id?.(row) ?? row.id) as Identifier };
}

async function list(resource: string, params: GetListParams) {
  const page = (await call("GET", resourceOf(resource).path, listQuery(params))) as Page;
  const data = page.data.map((row) => keyed(resource, row));
  const next = page.page.next_cursor;
  return {
    data,
    total: page.page.total ?? undefined,
    pageInfo: { hasNextPage: next !== null },
    meta: { nextCursor: next },
  };
}

/**
 * The API's conventions for react-admin's hooks: lists with filters, sort and exact totals; changes with the
 * version that was seen, so that nobody overwrites what they have not read.
 */
export const dataProvider = {
  getList: list,
  getOne: async (resource, { id }) => ({ data: keyed(resource, (await call("GET", one(resource, id))) as Row) }),
  getMany: (resource, { ids }) =>
    list(resource, { pagination: { page: 1, perPage: 200 }, filter: { id_in: ids } }),
  getManyReference: (resource, { target, id, filter, ...params }) =>
    list(resource, { ...params, filter: { ...(filter as Row), [`${target}_eq`]: id } }),
  create: async (resource, { data }) => ({
    data: keyed(resource, (await call("POST", resourceOf(resource).path, {}, data)) as Row),
  }),
  update: async (resource, { id, data, previousData }) => ({
    data: keyed(resource, (await call("PUT", one(resource, id as Identifier), {}, data, version(previousData as Row))) as Row),
  }),
  updateMany: async (resource, { ids, data }) => {
    for (const id of ids) await call("PUT", one(resource, id), {}, data);
    return { data: ids };
  },
  delete: async (resource, { id, previousData }) => {
    await call("DELETE", one(resource, id), {}, undefined, version(previousData));
    return { data: previousData ?? { id } };
  },
  deleteMany: async (resource, { ids }) => {
    for (const id of ids) await call("DELETE", one(resource, id));
    return { data: ids };
  },
} as DataProvider;
