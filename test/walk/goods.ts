/** What the fake sells, and what it says of itself. */
export const GOODS: readonly (readonly [name: string, description: string, cents: number, available: number])[] = [
  ["Enamel mug", "A quarter of a litre, white with a blue rim. Dishwasher safe.", 1250, 40],
  ["Linen tea towel", "Woven in one piece, 50 by 70 centimetres. It dries faster with every wash.", 990, 120],
  ["Cast iron pan", "24 centimetres, seasoned, for every kind of stove. Heavy, and meant to outlive its owner.", 6400, 3],
  ["Oak cutting board", "Solid oak, oiled, with a groove for the juice.", 4800, 0],
  ["Pepper mill", "Beech with a ceramic grinder that takes salt as well.", 3900, 15],
  ["Bread knife", "A wavy edge of 22 centimetres, forged, sharpened once in a decade.", 7290, 8],
  ["Storage jar", "One litre of glass with a cork that fits.", 740, 500],
  ["Salad bowl", "Ash wood, turned, 28 centimetres.", 5500, 6],
  ["Coffee filter", "Porcelain, for two cups.", 2400, 30],
  ["Milk pan", "Stainless steel, a litre and a half, pours on both sides.", 3100, 11],
  ["Potato peeler", "", 420, 900],
  ["Rolling pin", "Maple, without handles, as bakers use it.", 2200, 18],
  ["Kitchen scale", "Mechanical, up to five kilograms, never needs a battery.", 4500, 9],
  ["Whisk", "Steel wires in a wooden handle.", 1130, 60],
];

export const SHOP = {
  currency: "EUR",
  payment: {
    provider: "test",
    tokens: [
      { token: "tok_ok", label: "Pays" },
      { token: "tok_declined", label: "Is declined" },
      { token: "tok_slow", label: "Is slow" },
      { token: "tok_timeout", label: "Pays, and the answer is lost" },
    ],
  },
  ai: ["recommendation", "search"],
};
