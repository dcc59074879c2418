import { Route, Routes } from "react-router";
import { CalendarList } from "./CalendarList";
import { CustomsList } from "./CustomsList";
import { ManifestList } from "./ManifestList";
import { PickupList } from "./PickupList";
import { SdrRateList } from "./SdrRateList";

export default function Gate() {
  return (
    <Routes>
      <Route index element={<PickupList />} />
      <Route path="manifests" element={<ManifestList />} />
      <Route path="calendars" element={<CalendarList />} />
      <Route path="customs" element={<CustomsList />} />
      <Route path="sdr-rates" element={<SdrRateList />} />
    </Routes>
  );
}
