-- The minimums of a seeded database, asked of PostgreSQL by hand: key, rows that it is about, rows that are short.
-- Many subjects: aggregate the counted table once. Few subjects: probe the index for the row that would be enough.

SELECT 'client.communityMemberships', count(*), count(*) - (
    SELECT count(*) FROM "Client" x WHERE EXISTS (SELECT 1 FROM "CommunityMember" y WHERE y."userId" = x."userId")
) FROM "Client";

SELECT 'client.posts', count(*), count(*) FILTER (WHERE has.rows IS NULL OR has.rows < 5)
FROM "Client" LEFT JOIN (SELECT "userId", count(*) AS rows FROM "Post" GROUP BY 1) has USING ("userId");

SELECT 'client.comments', count(*), count(*) FILTER (WHERE has.rows IS NULL OR has.rows < 10)
FROM "Client" LEFT JOIN (SELECT "userId", count(*) AS rows FROM "Comment" GROUP BY 1) has USING ("userId");

SELECT 'client.hearts', count(*), count(*) FILTER (WHERE has.rows IS NULL OR has.rows < 3)
FROM "Client" LEFT JOIN (SELECT "userId", count(*) AS rows FROM "Heart" GROUP BY 1) has USING ("userId");

SELECT 'client.conversations', count(*), count(*) FILTER (WHERE has.rows IS NULL OR has.rows < 2)
FROM "Client" LEFT JOIN (SELECT "userId", count(*) AS rows FROM "ConversationParticipant" GROUP BY 1) has USING ("userId");

SELECT 'client.messagesPerConversation', count(*), count(*) FILTER (WHERE has.rows IS NULL OR has.rows < 5)
FROM (SELECT DISTINCT "conversationId" FROM "ConversationParticipant" JOIN "Client" USING ("userId")) x
LEFT JOIN (SELECT "conversationId", count(*) AS rows FROM "Message" GROUP BY 1) has USING ("conversationId");

SELECT 'client.completedAssessments', count(*), count(*) FILTER (WHERE has.rows IS NULL OR has.rows < 2)
FROM "Client" LEFT JOIN (
    SELECT "userId", count(*) AS rows FROM "PreAssessment" WHERE "completedAt" IS NOT NULL GROUP BY 1
) has USING ("userId");

SELECT 'client.therapists', count(*), 0 FROM "Client";

SELECT 'therapist.clientRelationships', count(*), count(*) FILTER (
    WHERE NOT EXISTS (SELECT 1 FROM "ClientTherapist" y WHERE y."therapistId" = x."userId" LIMIT 1 OFFSET 1)
) FROM "Therapist" x WHERE x."status" = 'APPROVED';

SELECT 'therapist.communityMemberships', count(*), count(*) FILTER (
    WHERE NOT EXISTS (SELECT 1 FROM "CommunityMember" y WHERE y."userId" = x."userId")
) FROM "Therapist" x WHERE x."status" = 'APPROVED';

SELECT 'therapist.posts', count(*), count(*) FILTER (
    WHERE NOT EXISTS (SELECT 1 FROM "Post" y WHERE y."userId" = x."userId" LIMIT 1 OFFSET 1)
) FROM "Therapist" x WHERE x."status" = 'APPROVED';

SELECT 'therapist.comments', count(*), count(*) FILTER (
    WHERE NOT EXISTS (SELECT 1 FROM "Comment" y WHERE y."userId" = x."userId" LIMIT 1 OFFSET 4)
) FROM "Therapist" x WHERE x."status" = 'APPROVED';

SELECT 'therapist.availabilityDays', count(*), count(*) FILTER (
    WHERE (SELECT count(DISTINCT y."dayOfWeek") FROM "TherapistAvailability" y
        WHERE y."therapistId" = x."userId" AND y."isAvailable") < 3
) FROM "Therapist" x WHERE x."status" = 'APPROVED';

SELECT 'therapist.meetings', count(*), count(*) FILTER (
    WHERE NOT EXISTS (SELECT 1 FROM "Meeting" y WHERE y."therapistId" = x."userId" LIMIT 1 OFFSET 3)
) FROM "Therapist" x WHERE x."status" = 'APPROVED';

SELECT 'therapist.worksheets', count(*), count(*) FILTER (
    WHERE NOT EXISTS (SELECT 1 FROM "Worksheet" y WHERE y."therapistId" = x."userId" LIMIT 1 OFFSET 2)
) FROM "Therapist" x WHERE x."status" = 'APPROVED';

SELECT 'therapist.sessionNotes', count(*), count(*) FILTER (
    WHERE NOT EXISTS (SELECT 1 FROM "Meeting" y
        JOIN "MeetingNotes" n ON n."meetingId" = y."id"
        WHERE y."therapistId" = x."userId" LIMIT 1 OFFSET 1)
) FROM "Therapist" x WHERE x."status" = 'APPROVED';

SELECT 'therapist.reviewsReceived', count(*), count(*) FILTER (
    WHERE NOT EXISTS (SELECT 1 FROM "Review" y WHERE y."therapistId" = x."userId")
) FROM "Therapist" x WHERE x."status" = 'APPROVED';

SELECT 'community.members', count(*), count(*) FILTER (
    WHERE NOT EXISTS (SELECT 1 FROM "CommunityMember" y WHERE y."communityId" = x."id" LIMIT 1 OFFSET 7)
) FROM "Community" x;

SELECT 'community.posts', count(*), count(*) FILTER (
    WHERE NOT EXISTS (SELECT 1 FROM "Post" y WHERE y."communityId" = x."id" LIMIT 1 OFFSET 9)
) FROM "Community" x;

SELECT 'community.moderators', count(*), count(*) FILTER (
    WHERE NOT EXISTS (SELECT 1 FROM "CommunityMember" y WHERE y."communityId" = x."id" AND y."role" = 'MODERATOR')
) FROM "Community" x;

SELECT 'post.comments', count(*), count(*) - (
    SELECT count(*) FROM (SELECT 1 FROM "Comment" GROUP BY "postId" HAVING count(*) >= 2) answered
) FROM "Post";

SELECT 'post.hearts', count(*), count(*) - (SELECT count(DISTINCT "postId") FROM "Heart") FROM "Post";

SELECT 'meeting.notesIfCompleted', count(*), count(*) FILTER (
    WHERE NOT EXISTS (SELECT 1 FROM "MeetingNotes" y WHERE y."meetingId" = x."id")
) FROM "Meeting" x WHERE x."status" = 'COMPLETED';

SELECT 'relationship.meetings', count(*), count(*) FILTER (
    WHERE NOT EXISTS (
        SELECT 1 FROM "Meeting" y WHERE y."clientId" = x."clientId" AND y."therapistId" = x."therapistId"
        LIMIT 1 OFFSET 2
    )
) FROM "ClientTherapist" x;

SELECT 'relationship.worksheets', count(*), count(*) FILTER (
    WHERE NOT EXISTS (SELECT 1 FROM "WorksheetAssignment" y
        JOIN "Worksheet" w ON w."id" = y."worksheetId"
        WHERE y."clientId" = x."clientId" AND w."therapistId" = x."therapistId")
) FROM "ClientTherapist" x;

SELECT 'user.notifications', count(*), count(*) FILTER (WHERE has.rows IS NULL OR has.rows < 2)
FROM "User" x LEFT JOIN (SELECT "userId", count(*) AS rows FROM "Notification" GROUP BY 1) has ON has."userId" = x."id"
WHERE x."role" IN ('client', 'therapist');

SELECT 'admin.auditLogs', count(*), count(*) FILTER (
    WHERE NOT EXISTS (SELECT 1 FROM "AuditLog" y WHERE y."userId" = x."userId" LIMIT 1 OFFSET 2)
) FROM "Admin" x;
