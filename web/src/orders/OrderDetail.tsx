import { useParams } from "react-router";
import { Actions } from "@/parts/Actions";
import { Chip, words } from "@/parts/Chip";
import { Columns, Page } from "@/parts/Page";
import { Loaded } from "@/parts/states";
import { backTo, Neighbours } from "@/parts/walk";
import { When } from "@/parts/When";
import { MadeGoodOf } from "@/exchanges/OfOrder";
import { OrderWay } from "@/exceptions/Way";
import { ReturnsOf } from "@/returns/OfOrder";
import { Buyer } from "./Buyer";
import { Holds } from "./Holds";
import { Lines } from "./Lines";
import { orderHref, useOrder, type Order } from "./order";
import { Parcels } from "./Parcels";
import { Payments } from "./Payments";
import { Routing } from "./Routing";
import { Tags } from "./Tags";
import { Timeline } from "./Timeline";
import { VERBS } from "./verbs";

export function OrderDetail() {
  const { order = "" } = useParams();
  const asked = useOrder(order);
  const crumbs = [{ label: "Orders", to: backTo("orders", "/orders") }];
  return (
    <Loaded query={asked} frame={(inside) => <Page title="Order" crumbs={crumbs}>{inside}</Page>}>
      {(found) => (
        <Page
          title={`Order ${found.number}`}
          crumbs={crumbs}
          chips={
            <>
              <Chip state={found.status} />
              <Chip state={found.payment_status} />
              {!found.live && <Chip state="imported" />}
            </>
          }
          about={<About order={found} />}
          actions={
            <>
              <Neighbours resource="orders" id={found.id} href={orderHref} />
              <Actions record={found} next={found.next} verbs={VERBS} />
            </>
          }
        >
          <Columns
            main={
              <>
                <Holds order={found} />
                <Lines order={found} />
                <Routing order={found} />
                <Parcels order={found} />
                <OrderWay orderId={found.id} />
                <ReturnsOf order={found} />
                <MadeGoodOf order={found} />
                <Payments order={found} />
                <Timeline order={found} />
              </>
            }
            side={
              <>
                <Buyer order={found} />
                <Tags order={found} />
              </>
            }
          />
        </Page>
      )}
    </Loaded>
  );
}

function About({ order }: { order: Order }) {
  return (
    <>
      {order.placed_at ? <>Placed <When at={order.placed_at} /></> : <>Begun <When at={order.created_at} /></>} · {words(order.channel)}
      {order.external_ref && <> · {order.external_ref}</>}
    </>
  );
}
