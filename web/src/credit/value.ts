import type { Shape } from "@/api/client";
import type { ResourceName } from "@/api/resources";

export type GiftCard = Shape<"GiftCard">;
export type Credit = Shape<"StoreCredit">;

export const TOUCHES: ResourceName[] = ["gift-cards", "store-credit"];

export const cardHref = (id: string) => `/gift-cards/${id}`;

/** The code itself is kept nowhere. */
export const cardName = ({ last_four }: Pick<GiftCard, "last_four">) => (last_four ? `…${last_four}` : "Without a code");
