/* The 64 symbols of Matrix's short authentication strings and their English names
 * (Matrix specification, client-server API, "SAS method: emoji"). */
#include "sas.h"

static const struct {
  const char *symbol, *name;
} symbols[SAS_EMOJI] = {
    {"🐶", "Dog"},          {"🐱", "Cat"},
    {"🦁", "Lion"},      {"🐎", "Horse"},
    {"🦄", "Unicorn"},   {"🐷", "Pig"},
    {"🐘", "Elephant"},     {"🐰", "Rabbit"},
    {"🐼", "Panda"},        {"🐓", "Rooster"},
    {"🐧", "Penguin"},      {"🐢", "Turtle"},
    {"🐟", "Fish"},         {"🐙", "Octopus"},
    {"🦋", "Butterfly"}, {"🌷", "Flower"},
    {"🌳", "Tree"},         {"🌵", "Cactus"},
    {"🍄", "Mushroom"},     {"🌏", "Globe"},
    {"🌙", "Moon"},         {"☁️", "Cloud"},
    {"🔥", "Fire"},         {"🍌", "Banana"},
    {"🍎", "Apple"},        {"🍓", "Strawberry"},
    {"🌽", "Corn"},         {"🍕", "Pizza"},
    {"🎂", "Cake"},         {"❤️", "Heart"},
    {"😀", "Smiley"},       {"🤖", "Robot"},
    {"🎩", "Hat"},          {"👓", "Glasses"},
    {"🔧", "Spanner"},      {"🎅", "Santa"},
    {"👍", "Thumbs Up"},    {"☂️", "Umbrella"},
    {"⌛", "Hourglass"},    {"⏰", "Clock"},
    {"🎁", "Gift"},         {"💡", "Light Bulb"},
    {"📕", "Book"},         {"✏️", "Pencil"},
    {"📎", "Paperclip"},    {"✂️", "Scissors"},
    {"🔒", "Lock"},         {"🔑", "Key"},
    {"🔨", "Hammer"},       {"☎️", "Telephone"},
    {"🏁", "Flag"},         {"🚂", "Train"},
    {"🚲", "Bicycle"},      {"✈️", "Aeroplane"},
    {"🚀", "Rocket"},       {"🏆", "Trophy"},
    {"⚽", "Ball"},         {"🎸", "Guitar"},
    {"🎺", "Trumpet"},      {"🔔", "Bell"},
    {"⚓", "Anchor"},       {"🎧", "Headphones"},
    {"📁", "Folder"},       {"📌", "Pin"},
};

const char *sas_emoji(unsigned index, const char **name) {
  if (index >= SAS_EMOJI)
    return NULL;
  if (name)
    *name = symbols[index].name;
  return symbols[index].symbol;
}
