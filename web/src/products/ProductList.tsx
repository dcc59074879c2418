import Button from "@mui/material/Button";
import { Plus } from "lucide-react";
import { Link } from "react-router";
import type { Shape } from "@/api/client";
import { BulkBar } from "@/bulk/BulkBar";
import { Chip } from "@/parts/Chip";
import type { Filter } from "@/parts/filters";
import { ListPage, type QuickView } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { useCan } from "@/parts/scopes";
import { SearchField } from "@/parts/SearchField";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { Picture } from "./Picture";
import { productHref, SIBLINGS, STATUSES } from "./product";

type Product = Shape<"Product">;

const COLUMNS: Column<Product>[] = [
  { id: "title", label: "Product", sort: "title", grow: true, render: (p) => <span className="row"><Picture images={p.images} />{p.title}</span> },
  { id: "status", label: "Status", render: (p) => <Chip state={p.status} /> },
  { id: "variants", label: "SKUs", align: "right", render: (p) => p.variants.length },
  { id: "brand", label: "Brand", wide: true, render: (p) => <span className="quiet">{p.brand}</span> },
  { id: "category", label: "Category", wide: true, render: (p) => <span className="quiet">{p.category}</span> },
  { id: "handle", label: "Handle", sort: "handle", wide: true, render: (p) => <span className="mono quiet">{p.handle}</span> },
  { id: "created_at", label: "Since", extra: true, render: (p) => <When at={p.created_at} /> },
  { id: "updated_at", label: "Changed", sort: "updated_at", align: "right", render: (p) => <When at={p.updated_at} /> },
];

const FILTERS: Filter[] = [
  { field: "status", label: "Status", kind: "choice", choices: STATUSES },
  { field: "brand", label: "Brand", kind: "text" },
  { field: "category", label: "Category", kind: "text" },
  { field: "handle", label: "Handle", kind: "text", operator: "start" },
  { field: "updated_at", label: "Changed", kind: "date" },
];

const QUICK: QuickView[] = [
  { label: "All", filters: {} },
  { label: "Active", filters: { status_eq: "active" } },
  { label: "Drafts", filters: { status_eq: "draft" } },
  { label: "Discontinued", filters: { status_eq: "discontinued" } },
];

export function ProductList() {
  const can = useCan();
  const listing = useListing<Product>("products", { sort: "title", expand: "variants" });
  return (
    <ListPage
      title="Products"
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      siblings={SIBLINGS}
      quick={QUICK}
      href={(product) => productHref(product.id)}
      bulk={<BulkBar noun="products" />}
      actions={
        can("write_catalog") && (
          <Button component={Link} to="/products/new" variant="contained" color="primary" startIcon={<Plus size={14} />}>
            New product
          </Button>
        )
      }
      before={<SearchField field="title_cont" label="Title contains" />}
      empty={<Empty title="No product fits" />}
    />
  );
}
