import Button from "@mui/material/Button";
import { useNotify } from "ra-core";
import { FormProvider, useForm } from "react-hook-form";
import { useNavigate, useParams } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import { Problem } from "@/api/problem";
import { useWrite } from "@/api/write";
import { SelectIn, TextIn } from "@/parts/fields";
import { Card, Columns, Page } from "@/parts/Page";
import { SomebodyElse, useSeen } from "@/parts/seen";
import { Loaded, ProblemNote } from "@/parts/states";
import { bodyOf, valuesOf, type ProductValues } from "./form";
import { productHref, STATUSES, useProduct, useVariants, type Product, type Variant } from "./product";
import { VariantFields } from "./VariantFields";

export function NewProduct() {
  return <ProductForm variants={[]} />;
}

export function EditProduct() {
  const { product = "" } = useParams();
  const asked = useProduct(product);
  const variants = useVariants(asked.data?.id);
  return (
    <Loaded query={asked}>
      {(found) => <Loaded query={variants}>{({ data }) => <ProductForm key={found.id} product={found} variants={data} />}</Loaded>}
    </Loaded>
  );
}

function ProductForm({ product, variants }: { product?: Product; variants: Variant[] }) {
  const navigate = useNavigate();
  const notify = useNotify();
  const seen = useSeen(product?.version ?? 0);
  const form = useForm<ProductValues>({ defaultValues: valuesOf(product, variants) });
  const put = useWrite(
    ({ handle, body }: { handle: string; body: Shape<"ProductBody"> }, once) =>
      answer(api.PUT("/api/v1/products/{handle}", { params: { path: { handle } }, body, ...once })),
    {
      touches: ["products", "variants", "stock"],
      done: ({ id, title }) => {
        notify(`${title} is saved.`);
        void navigate(productHref(id));
      },
    },
  );
  const save = form.handleSubmit((values) => {
    const body = bodyOf(values, product ? seen.version : null);
    if (body) put.mutate({ handle: values.handle.trim(), body });
  });
  const isStale = put.error instanceof Problem && put.error.isStale;
  const title = product ? `Edit ${product.title}` : "New product";
  const back = product ? productHref(product.id) : "/products";
  return (
    <Page
      title={title}
      crumbs={[{ label: "Products", to: "/products" }, ...(product ? [{ label: product.title, to: back }] : [])]}
      actions={
        <>
          <Button onClick={() => void navigate(back)}>Back</Button>
          <Button variant="contained" color="primary" loading={put.isPending} disabled={product && seen.isOld} onClick={() => void save()}>
            Save
          </Button>
        </>
      }
    >
      <FormProvider {...form}>
        <form onSubmit={(event) => void save(event)} noValidate className="stack">
          {product && <SomebodyElse seen={seen} what="product" />}
          {!isStale && <ProblemNote problem={put.error} />}
          <Columns
            main={
              <>
                <Card title="Product">
                  <div className="stack">
                    <TextIn name="title" label="Title" required autoFocus={!product} />
                    <TextIn name="description" label="Description" rows={4} />
                  </div>
                </Card>
                <VariantFields known={variants.map((variant) => variant.sku)} />
              </>
            }
            side={
              <Card title="Details">
                <div className="stack">
                  <TextIn name="handle" label="Handle" required disabled={Boolean(product)} mono help={product ? undefined : "Short, and for ever: enamel-mug"} />
                  {!product && <SelectIn name="status" label="Status" choices={STATUSES} />}
                  <TextIn name="brand" label="Brand" />
                  <TextIn name="category" label="Category" placeholder="Home > Kitchen > Mugs" />
                  <TextIn name="images" label="Pictures" rows={2} help="Addresses, one a line" />
                  <TextIn name="attributes" label="Attributes" rows={3} help="One a line: material: clay" />
                </div>
              </Card>
            }
          />
          <button type="submit" hidden aria-hidden />
        </form>
      </FormProvider>
    </Page>
  );
}
