import { useQuery } from "@tanstack/react-query";
import { Navigate, useParams } from "react-router";
import { answer, api } from "@/api/client";
import { Page } from "@/parts/Page";
import { Loaded } from "@/parts/states";
import { productHref } from "./product";

/** From a SKU to its product. */
export function OfSku() {
  const { sku = "" } = useParams();
  const asked = useQuery({
    queryKey: ["variants", "detail", sku],
    queryFn: () => answer(api.GET("/api/v1/variants/{sku}", { params: { path: { sku } } })),
  });
  return (
    <Loaded query={asked} frame={(inside) => <Page title={sku} crumbs={[{ label: "Products", to: "/products" }]}>{inside}</Page>}>
      {(variant) => <Navigate replace to={productHref(variant.product_id)} />}
    </Loaded>
  );
}
