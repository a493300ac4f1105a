#!/usr/bin/env node
import { main } from "../dist/main.mjs";

await main("create-breakwater", process.argv.slice(2));
