export { quoteText } from "@bootstamp/fault";
