import Button from "@mui/material/Button";
import { Archive, Pencil, Play } from "lucide-react";
import { Link, useParams } from "react-router";
import { Actions, type Verb } from "@/parts/Actions";
import { Chip, words } from "@/parts/Chip";
import { Money } from "@/parts/Money";
import { Card, Columns, Facts, Page } from "@/parts/Page";
import { Rows } from "@/parts/Rows";
import { useCan } from "@/parts/scopes";
import { Empty, Loaded } from "@/parts/states";
import { backTo, Neighbours } from "@/parts/walk";
import { When } from "@/parts/When";
import { moveTo } from "./MoveProduct";
import { Picture } from "./Picture";
import { productHref, useProduct, useVariants, type Product } from "./product";
import { PricesButton } from "./PutPrices";
import { WeightHints } from "./WeightHints";

const VERBS: Record<string, Verb<Product>> = {
  active: { label: "Put on sale", icon: Play, tone: "primary", scope: "write_catalog", dialog: moveTo("active") },
  discontinued: { label: "Discontinue", icon: Archive, scope: "write_catalog", dialog: moveTo("discontinued") },
};

export function ProductDetail() {
  const { product: given = "" } = useParams();
  const can = useCan();
  const asked = useProduct(given);
  const variants = useVariants(asked.data?.id);
  const crumbs = [{ label: "Products", to: backTo("products", "/products") }];
  return (
    <Loaded query={asked} frame={(inside) => <Page title="Product" crumbs={crumbs}>{inside}</Page>}>
      {(product) => (
        <Page
          title={product.title}
          crumbs={crumbs}
          chips={<Chip state={product.status} />}
          about={[product.brand, product.category].filter(Boolean).join(" · ")}
          actions={
            <>
              <Neighbours resource="products" id={product.id} href={productHref} />
              {can("write_catalog") && (
                <Button component={Link} to={`${productHref(product.id)}/edit`} startIcon={<Pencil size={14} />}>
                  Edit
                </Button>
              )}
              <Actions record={product} next={product.next} verbs={VERBS} />
            </>
          }
        >
          <Columns
            main={
              <>
                <Card title="SKUs" count={product.variants.length} flush>
                  <Loaded query={variants}>
                    {({ data }) =>
                      data.length === 0 ? (
                        <Empty title="No SKU yet">Add one by editing the product.</Empty>
                      ) : (
                        <Rows
                          rows={data}
                          keyOf={(v) => v.sku}
                          columns={[
                            { id: "sku", label: "SKU", render: (v) => <Link className="mono strong link" to={`/stock/sku/${encodeURIComponent(v.sku)}`} title="Its stock">{v.sku}</Link> },
                            { id: "title", label: "Title", grow: true, render: (v) => v.title },
                            { id: "status", label: "Status", render: (v) => <Chip state={v.status} /> },
                            { id: "weight_grams", label: "Weight", align: "right", wide: true, render: (v) => (v.weight_grams ? `${v.weight_grams} g` : "–") },
                            { id: "cost_amount", label: "Cost", align: "right", wide: true, render: (v) => (v.cost_amount !== null && v.cost_currency ? <Money amount={v.cost_amount} currency={v.cost_currency} /> : "–") },
                            { id: "landed_cost", label: "Landed", align: "right", wide: true, render: (v) => (v.landed_cost !== null && v.landed_currency ? <Money amount={v.landed_cost} currency={v.landed_currency} /> : "–") },
                            { id: "prices", label: "Prices", align: "right", render: (v) => <span className="prices">{v.prices.map((p) => <Money key={p.currency} amount={p.amount} currency={p.currency} />)}</span> },
                            { id: "verbs", label: "", align: "right", render: (v) => <PricesButton variant={v} /> },
                          ]}
                        />
                      )
                    }
                  </Loaded>
                </Card>
                <WeightHints skus={product.variants.map((v) => v.sku)} />
                <Kits variants={variants.data?.data ?? []} />
                {product.description && (
                  <Card title="Description">
                    <p className="prose">{product.description}</p>
                  </Card>
                )}
              </>
            }
            side={
              <>
                {product.images.length > 0 && (
                  <Card title="Pictures">
                    <div className="row wrap">
                      {product.images.map((image) => (
                        <Picture key={image} images={[image]} size={72} />
                      ))}
                    </div>
                  </Card>
                )}
                <Card title="Details">
                  <Facts
                    facts={[
                      ["Handle", <code key="h">{product.handle}</code>],
                      ["Brand", product.brand],
                      ["Category", product.category],
                      ["Since", <When key="c" at={product.created_at} />],
                      ["Changed", <When key="u" at={product.updated_at} />],
                      ["Version", product.version],
                    ]}
                  />
                </Card>
                <Attributes attributes={(product.attributes ?? {}) as Record<string, unknown>} />
              </>
            }
          />
        </Page>
      )}
    </Loaded>
  );
}

function Attributes({ attributes }: { attributes: Record<string, unknown> }) {
  const known = Object.entries(attributes);
  if (known.length === 0) return null;
  return (
    <Card title="Attributes">
      <Facts facts={known.map(([name, value]) => [words(name), String(value as string | number | boolean)])} />
    </Card>
  );
}

function Kits({ variants }: { variants: { sku: string; components: { sku: string; quantity: number }[] }[] }) {
  const kits = variants.filter((variant) => variant.components.length > 0);
  if (kits.length === 0) return null;
  return (
    <Card title="Kits" flush>
      <Rows
        rows={kits.flatMap((kit) => kit.components.map((part) => ({ kit: kit.sku, ...part })))}
        keyOf={(part) => `${part.kit}|${part.sku}`}
        columns={[
          { id: "kit", label: "Kit", render: (p) => <span className="mono">{p.kit}</span> },
          { id: "sku", label: "Is made of", grow: true, render: (p) => <Link className="mono link" to={`/products/sku/${encodeURIComponent(p.sku)}`}>{p.sku}</Link> },
          { id: "quantity", label: "Units each", align: "right", render: (p) => p.quantity },
        ]}
      />
    </Card>
  );
}
