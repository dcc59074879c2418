import { Route, Routes } from "react-router";
import { Delivery } from "./Delivery";
import { WebhookDetail } from "./WebhookDetail";
import { WebhookList } from "./WebhookList";

export default function Webhooks() {
  return (
    <Routes>
      <Route index element={<WebhookList />} />
      <Route path=":webhook" element={<WebhookDetail />} />
      <Route path=":webhook/deliveries/:post" element={<Delivery />} />
    </Routes>
  );
}
