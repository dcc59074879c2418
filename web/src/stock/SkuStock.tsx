import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";
import { answer, api } from "@/api/client";
import { Chip } from "@/parts/Chip";
import { listHref } from "@/parts/links";
import { Card, Page } from "@/parts/Page";
import { Rows } from "@/parts/Rows";
import { Empty, Loaded } from "@/parts/states";
import { backTo } from "@/parts/walk";
import { AdjustButton } from "./AdjustStock";
import { Available } from "./Available";
import { MOVEMENT_COLUMNS } from "./LedgerList";
import { LEVEL_COLUMNS } from "./LevelList";
import { MoveButton } from "./MoveStock";
import { ReceiveButton } from "./ReceiveStock";
import { NodeLink } from "./stock";

/** All there is of one SKU: per node, per bin, and the last movements. */
export function SkuStock() {
  const { sku = "" } = useParams();
  const asked = useQuery({
    queryKey: ["stock", "sku", sku],
    queryFn: () => answer(api.GET("/api/v1/stock/{sku}", { params: { path: { sku } } })),
  });
  const bins = useQuery({
    queryKey: ["bin-stock", "sku", sku],
    queryFn: () => answer(api.GET("/api/v1/stock/bins", { params: { query: { sku_eq: sku, sort: "node,bin", limit: 200 } } })),
  });
  const ledger = useQuery({
    queryKey: ["ledger", "sku", sku],
    queryFn: () => answer(api.GET("/api/v1/stock/ledger", { params: { query: { sku_eq: sku, limit: 15 } } })),
  });
  return (
    <Page
      title={sku}
      heading={<span className="mono">{sku}</span>}
      crumbs={[{ label: "Stock", to: backTo("stock", "/stock") }]}
      about={
        <Link className="link" to={`/products/sku/${encodeURIComponent(sku)}`}>
          The product
        </Link>
      }
      actions={
        <>
          <MoveButton sku={sku} />
          <ReceiveButton sku={sku} />
        </>
      }
    >
      <Loaded query={asked}>
        {(stock) => (
          <Card title="At the nodes" count={stock.levels.length} flush>
            {stock.levels.length === 0 ? (
              <Empty title="Never had any" />
            ) : (
              <Rows
                rows={stock.levels}
                columns={[{ id: "node", label: "Node", grow: true, render: (l) => <NodeLink node={l.node} /> }, ...LEVEL_COLUMNS]}
                keyOf={(level) => level.node}
                foot={["Together", stock.on_hand, stock.sellable, stock.allocated, stock.held, stock.backordered, stock.purchasable]}
              />
            )}
          </Card>
        )}
      </Loaded>
      <Available sku={sku} />
      <Card title="In bins" count={bins.data?.data.length} flush>
        <Loaded query={bins}>
          {({ data }) =>
            data.length === 0 ? (
              <Empty title="No bin has any" />
            ) : (
              <Rows
                rows={data}
                keyOf={(b) => [b.node, b.bin, b.lot, b.status].join("|")}
                columns={[
                  { id: "node", label: "Node", render: (b) => <NodeLink node={b.node} /> },
                  { id: "bin", label: "Bin", render: (b) => <span className="mono">{b.bin}</span> },
                  { id: "lot", label: "Lot", render: (b) => b.lot || <span className="faint">–</span> },
                  { id: "status", label: "Status", grow: true, render: (b) => <Chip state={b.status} /> },
                  { id: "quantity", label: "Units", align: "right", render: (b) => <span className="strong">{b.quantity}</span> },
                  { id: "verbs", label: "", align: "right", render: (b) => <AdjustButton stock={b} /> },
                ]}
              />
            )
          }
        </Loaded>
      </Card>
      <Card
        title="Last movements"
        flush
        action={
          <Link className="link small" to={listHref("list_movements", { sku_eq: sku })}>
            The whole ledger
          </Link>
        }
      >
        <Loaded query={ledger}>
          {({ data }) => <Rows rows={data} columns={MOVEMENT_COLUMNS} keyOf={(m) => String(m.id)} />}
        </Loaded>
      </Card>
    </Page>
  );
}
