import createClient from "openapi-fetch";
import type { components, operations, paths } from "./schema";
import { send } from "./send";

/** Every route with its types: `await answer(api.GET("/api/v1/orders/{order}", { params: { path: { order } } }))`. */
export const api = createClient<paths>({
  baseUrl: location.origin,
  fetch: send,
  querySerializer: { array: { style: "form", explode: false } }, // status_in=placed,held
});

/** The body of an answer. Refusals were thrown by `send`. */
export async function answer<T>(asked: Promise<{ data?: T }>): Promise<T> {
  return (await asked).data as T;
}

/** A shape of the API by its name: `Shape<"OrderDetail">`. */
export type Shape<Name extends keyof components["schemas"]> = components["schemas"][Name];

type Query<Operation> = Operation extends { parameters: { query?: infer Q } } ? NonNullable<Q> : never;

/** The filters, sort and page that a list understands: `Filters<"list_orders">`. */
export type Filters<Operation extends keyof operations> = Query<operations[Operation]>;
