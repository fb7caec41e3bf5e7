<?php

namespace WhmcsDouble;

/**
 * The ids an admin theme gives to the parts of the ticket page. `blend` has the stock ones; `renamed` stands for a
 * custom theme, which may call them anything.
 */
final class AdminTheme
{
    private const STOCK = [
        'frmAddTicketReply', 'replymessage', 'btnPostReply', 'frmAddTicketNote', 'replynote', 'btnAddNote',
        'frmTicketOptions', 'btnSaveChanges', 'replyingAdminMsg', 'ticketChangedDialog',
    ];

    /** @return array<string, string> the theme's id by the stock id */
    public static function ids(string $template): array
    {
        $ids = [];
        foreach (self::STOCK as $id) {
            $ids[$id] = $template === 'renamed' ? 'my-' . strtolower($id) : $id;
        }
        return $ids;
    }
}
