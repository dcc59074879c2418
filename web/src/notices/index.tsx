import { Route, Routes } from "react-router";
import { NoticeDetail } from "./NoticeDetail";
import { NoticeList } from "./NoticeList";

export default function Notices() {
  return (
    <Routes>
      <Route index element={<NoticeList />} />
      <Route path=":id" element={<NoticeDetail />} />
    </Routes>
  );
}
