import { MapPinOff } from "lucide-react";
import { Link } from "react-router";
import { Page } from "@/parts/Page";
import { Empty } from "@/parts/states";

export function NotFound() {
  return (
    <Page title="There is nothing here">
      <Empty icon={MapPinOff} title="No screen has this address">
        It may have been mistyped, or it belongs to another release. <Link className="link" to="/">Go home</Link>.
      </Empty>
    </Page>
  );
}
