import { Route, Routes } from "react-router";
import { NewProduct, EditProduct } from "./EditProduct";
import { OfSku } from "./OfSku";
import { ProductDetail } from "./ProductDetail";
import { ProductList } from "./ProductList";
import { VariantList } from "./VariantList";

export default function Products() {
  return (
    <Routes>
      <Route index element={<ProductList />} />
      <Route path="variants" element={<VariantList />} />
      <Route path="new" element={<NewProduct />} />
      <Route path="sku/:sku" element={<OfSku />} />
      <Route path=":product" element={<ProductDetail />} />
      <Route path=":product/edit" element={<EditProduct />} />
    </Routes>
  );
}
