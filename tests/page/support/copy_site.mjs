// Prints where it has put a copy of the page.
import { copySite } from "./site.mjs";

console.log(await copySite());
