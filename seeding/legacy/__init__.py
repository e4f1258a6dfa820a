"""Phase 1: the base data that the mode sizes ask for.

Base rows are keyed: the rows that exist are left as they are, the missing ones are made. A row is
defined by its key alone, whatever the sizes; the sizes only say how many there are. So light ⊂
medium ⊂ heavy, row for row. People whom a world has beyond its mode's own go to the communities
that it has.
"""

from seeding.legacy.communities import generate_communities
from seeding.legacy.content import generate_content
from seeding.legacy.relationships import generate_relationships
from seeding.legacy.therapy_data import generate_therapy_data
from seeding.legacy.users import generate_users

GENERATORS = {
    generate_users: (),
    generate_communities: (generate_users,),
    generate_relationships: (generate_users,),
    generate_content: (generate_communities,),
    generate_therapy_data: (generate_communities, generate_relationships),
}
"""The generators in their order, and which others each comes after."""
