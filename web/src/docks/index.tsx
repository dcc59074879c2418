import { Route, Routes } from "react-router";
import { AppointmentList } from "./AppointmentList";
import { DockCalendar } from "./DockCalendar";

export default function Docks() {
  return (
    <Routes>
      <Route index element={<DockCalendar />} />
      <Route path="list" element={<AppointmentList />} />
    </Routes>
  );
}
