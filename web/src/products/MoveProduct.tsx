import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import type { VerbProps } from "@/parts/Actions";
import { Ask } from "@/parts/Ask";
import { useSeen } from "@/parts/seen";
import { useTold } from "@/undo/useTold";
import type { Product } from "./product";

type Body = Shape<"MoveBody">;

const ABOUT: Partial<Record<Body["to"], { title: string; about: string; verb: string }>> = {
  active: { title: "Put on sale", about: "Its active SKUs can be ordered from now on.", verb: "Put on sale" },
  discontinued: { title: "Discontinue", about: "What is left may still be sold; nothing is bought again.", verb: "Discontinue" },
};

/** The dialog of one step along a product's life. */
export function moveTo(to: Body["to"]) {
  return function MoveProduct({ record: product, close }: VerbProps<Product>) {
    const told = useTold(["products", "variants"]);
    const seen = useSeen(product.version);
    const words = ABOUT[to];
    const move = useWrite(
      (body: Body, once) =>
        answer(api.POST("/api/v1/products/{product_id}/move", { params: { path: { product_id: product.id } }, body, ...once })),
      { touches: ["products", "variants"], done: (now) => told(`${product.title} is ${now.status} now.`, now.undo) },
    );
    return (
      <Ask<object, Body>
        title={words?.title ?? to}
        about={words?.about}
        verb={words?.verb ?? to}
        values={{}}
        input={() => ({ to, version: seen.version })}
        write={move}
        close={close}
        seen={seen}
        what="product"
      />
    );
  };
}
