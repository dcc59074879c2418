"""Files as Shopify and Amazon write them, with their headings; people and goods are made up."""

from __future__ import annotations

# ruff: noqa: E501 - a row of theirs is a row here

SHOPIFY_ORDERS = (
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,Subtotal,Shipping,"
    "Taxes,Total,Discount Code,Discount Amount,Shipping Method,Created at,Lineitem quantity,Lineitem name,"
    "Lineitem price,Lineitem compare at price,Lineitem sku,Lineitem requires shipping,Lineitem taxable,"
    "Lineitem fulfillment status,Billing Name,Shipping Name,Shipping Street,Shipping Address1,Shipping Address2,"
    "Shipping Company,Shipping City,Shipping Zip,Shipping Province,Shipping Country,Shipping Phone,Notes,Cancelled at,"
    "Payment Method,Refunded Amount,Vendor,Id,Tags,Risk Level,Source,Lineitem discount,Tax 1 Name,Tax 1 Value,Phone\n"
    "#1001,ada@example.com,paid,2025-11-03 14:21:00 +0100,fulfilled,2025-11-04 09:00:00 +0100,no,EUR,33.00,4.90,6.32,"
    '35.90,AUTUMN,2.00,Standard,2025-11-03 14:20:05 +0100,2,"Mug, blue",12.50,,MUG-BLUE,true,true,fulfilled,Ada King,'
    'Ada King,12 Mill Lane,12 Mill Lane,,,York,\'YO1 7EP,,GB,,,,card,0.00,Mill,5001,"vip, gift",Low,web,0.00,'
    "VAT 20%,6.32,\n"
    "#1001,ada@example.com,,,,,,,,,,,,,,2025-11-03 14:20:05 +0100,1,Tea,8.00,,TEA-1,true,true,fulfilled,,,,,,,,,,,,,,,,"
    "Mill,,,,,0.00,,,\n"
    "#1002,bob@example.com,voided,,unfulfilled,,no,EUR,8.00,0.00,1.33,8.00,,0.00,,2025-11-05 10:00:00 +0100,1,Tea,8.00,,"
    "TEA-1,true,true,pending,Bob,Bob,1 High St,1 High St,,,Leeds,LS1 1AA,,GB,,,2025-11-05 11:00:00 +0100,card,0.00,"
    "Mill,5002,,Low,pos,0.00,VAT 20%,1.33,\n"
    "#1003,eve@example.com,paid,2025-11-06 10:00:00 +0100,,,no,EUR,8.00,0.00,1.33,8.00,,0.00,,2025-11-06 10:00:00 +0100,"
    "1,Tea,8.00,,TEA-1,true,true,pending,Eve,Eve,1 Low St,1 Low St,,,Hull,HU1 1AA,,GB,,,,card,0.00,Mill,5003,,Low,web,"
    "0.00,VAT 20%,1.33,\n"
)

SHOPIFY_PRODUCTS = (
    "Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,"
    "Option2 Value,Variant SKU,Variant Grams,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,"
    "Variant Price,Variant Compare At Price,Variant Barcode,Image Src,Image Position,Status,Cost per item\n"
    "mug,Mug,<p>Holds tea.</p>,Mill,Home > Kitchen,Mugs,,true,Colour,Blue,,,MUG-BLUE,310,shopify,5,deny,12.50,,"
    "'4006381333931,https://example.com/1.jpg,1,active,4.20\n"
    "mug,,,,,,,,,Red,,,MUG-RED,310.0,shopify,2,deny,12.50,,,https://example.com/2.jpg,2,,4.20\n"
    "mug,,,,,,,,,,,,,,,,,,,,https://example.com/3.jpg,3,,\n"
)

SHOPIFY_CUSTOMERS = (
    "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Default Address Company,Default Address Address1,"
    "Default Address Address2,Default Address City,Default Address Province Code,Default Address Country Code,"
    "Default Address Zip,Default Address Phone,Phone,Accepts SMS Marketing,Total Spent,Total Orders,Note,Tax Exempt,"
    "Tags\n"
    "'7001,Ada,King,ada@example.com,yes,,12 Mill Lane,,York,,GB,'YO1 7EP,,+441904000000,no,35.90,1,,no,vip\n"
)

SHOPIFY_INVENTORY = (
    "Handle,Title,Option1 Name,Option1 Value,SKU,HS Code,COO,Location,Bin name,Incoming (not editable),"
    "Unavailable (not editable),Committed (not editable),Available (not editable),On hand (current),On hand (new)\n"
    "mug,Mug,Colour,Blue,MUG,,,London,,0,0,1,4,5,\n"
    "mug,Mug,Colour,Red,MUG-RED,,,London,,0,0,0,0,not stocked,\n"
)

AMAZON_ORDERS = (
    "amazon-order-id\tmerchant-order-id\tpurchase-date\tlast-updated-date\torder-status\tfulfillment-channel\t"
    "sales-channel\torder-channel\tship-service-level\tproduct-name\tsku\tasin\titem-status\tquantity\tcurrency\t"
    "item-price\titem-tax\tshipping-price\tshipping-tax\tgift-wrap-price\tgift-wrap-tax\titem-promotion-discount\t"
    "ship-promotion-discount\tship-city\tship-state\tship-postal-code\tship-country\tpromotion-ids\n"
    "026-1-1\t\t2025-11-03T18:53:56+00:00\t2025-11-05T08:00:00+00:00\tShipped\tMerchant\tAmazon.co.uk\t\tStandard\t"
    'Pan 6" for café\tPAN-6\tB000000001\tShipped\t3\tGBP\t10.00\t1.67\t2.50\t0.42\t\t\t1.00\t\tYork\t\tYO1 7EP\tGB\t\n'
    "026-1-1\t\t2025-11-03T18:53:56+00:00\t2025-11-05T08:00:00+00:00\tShipped\tMerchant\tAmazon.co.uk\t\tStandard\t"
    "Lid\tLID-1\tB000000002\tCancelled\t1\tGBP\t4.00\t0.67\t1.00\t\t\t\t\t\tYork\t\tYO1 7EP\tGB\t\n"
    "111-2-2\t\t2025-11-04T18:53:56+00:00\t2025-11-05T08:00:00+00:00\tShipped - Delivered to Buyer\tMerchant\tAmazon.com"
    "\t\tStandard\tPan\tPAN-6\tB000000001\tShipped\t1\tUSD\t20.00\t1.65\t\t\t\t\t\t\tReno\tNV\t89501\tUS\t\n"
    "111-3-3\t\t2025-11-04T18:53:56+00:00\t2025-11-05T08:00:00+00:00\tCancelled\tMerchant\tAmazon.com\t\tStandard\tPan\t"
    "PAN-6\tB000000001\tCancelled\t0\t\t\t\t\t\t\t\t\t\t\t\t\t\t\n"
)

AMAZON_LISTINGS = (
    "item-name\titem-description\tlisting-id\tseller-sku\tprice\tquantity\topen-date\timage-url\titem-is-marketplace\t"
    "product-id-type\tzshop-shipping-fee\titem-note\titem-condition\tasin1\tproduct-id\tfulfillment-channel\tstatus\n"
    'Pan 6"\tFries.\t1103\tPAN-6/A\t20.00\t5\t2025-01-01 10:00:00 GMT\t\ty\t4\t\t\t11\tB000000001\t4006381333931\t'
    "DEFAULT\tInactive\n"
)

AMAZON_INVENTORY = "sku\tasin\tprice\tquantity\nMUG\tB000000009\t12.50\t7\n"
