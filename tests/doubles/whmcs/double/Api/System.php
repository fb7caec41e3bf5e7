<?php

namespace WhmcsDouble\Api;

use WhmcsDouble\Configuration;
use WhmcsDouble\Hooks;
use WhmcsDouble\Tickets as Desk;
use WHMCS\Database\Capsule;

/**
 * The actions on admins, departments, statuses, announcements and the log.
 */
final class System
{
    public static function getAdminDetails(array $values, object $admin): array
    {
        return [
            'result' => 'success', 'adminid' => $admin->id, 'name' => Desk::fullName($admin), 'notes' => '',
            'signature' => '', 'allowedpermissions' => 'API Access', 'departments' => $admin->supportdepts,
            'requesttime' => date('Y-m-d H:i:s'), 'whmcs' => ['version' => Configuration::get('Version')],
        ];
    }

    /** As documented: without a `result`. */
    public static function getAdminUsers(array $values, object $admin): array
    {
        $admins = [];
        foreach (Capsule::table('tbladmins')->orderBy('id')->get() as $row) {
            if ($row->disabled && empty($values['include_disabled'])) {
                continue;
            }
            $admins[] = [
                'id' => $row->id, 'roleId' => $row->roleid, 'username' => $row->username,
                'firstname' => $row->firstname, 'lastname' => $row->lastname, 'email' => $row->email,
                'fullName' => Desk::fullName($row), 'isDisabled' => (bool) $row->disabled,
                'supportDepartmentIds' => array_map('intval', explode(',', $row->supportdepts)),
            ];
        }
        return ['count' => count($admins), 'admin_users' => $admins];
    }

    public static function getSupportDepartments(array $values, object $admin): array
    {
        $rows = [];
        $awaiting = Capsule::table('tblticketstatuses')->where('showawaiting', 1)->pluck('title');
        foreach (Capsule::table('tblticketdepartments')->orderBy('order')->get(['id', 'name']) as $department) {
            $tickets = Capsule::table('tbltickets')->where('did', $department->id);
            $rows[] = [
                'id' => (string) $department->id, 'name' => $department->name,
                'awaitingreply' => (clone $tickets)->whereIn('status', $awaiting)->count(),
                'opentickets' => $tickets->where('status', '!=', 'Closed')->count(),
            ];
        }
        $departments = Values::listed('department', $rows);
        return ['result' => 'success', 'totalresults' => count($rows), 'departments' => $departments];
    }

    public static function getSupportStatuses(array $values, object $admin): array
    {
        $rows = [];
        foreach (Capsule::table('tblticketstatuses')->orderBy('sortorder')->get() as $status) {
            $count = Capsule::table('tbltickets')->where('status', $status->title)->count();
            $rows[] = ['title' => $status->title, 'count' => $count, 'color' => $status->color];
        }
        return ['result' => 'success', 'totalresults' => count($rows), 'statuses' => Values::listed('status', $rows)];
    }

    public static function addAnnouncement(array $values, object $admin): array
    {
        $row = [
            'date' => Values::text($values, 'date'), 'title' => Values::text($values, 'title'),
            'announcement' => Values::text($values, 'announcement'),
            'published' => Values::text($values, 'published'),
        ];
        $id = Capsule::table('tblannouncements')->insertGetId($row + ['parentid' => 0, 'language' => '']);
        Hooks::run('AnnouncementAdd', ['announcementid' => $id] + $row);
        return ['result' => 'success', 'announcementid' => $id];
    }

    public static function getAnnouncements(array $values, object $admin): array
    {
        $announcements = Capsule::table('tblannouncements')->orderByDesc('date');
        $total = (clone $announcements)->count();
        $rows = Values::page($announcements, $values);
        return [
            'result' => 'success', 'totalresults' => (string) $total, 'startnumber' => 0, 'numreturned' => count($rows),
            'announcements' => Values::listed('announcement', $rows),
        ];
    }

    public static function logActivity(array $values, object $admin): array
    {
        if (Values::text($values, 'description') === '') {
            throw new Refusal('Description is required');
        }
        logActivity($values['description'], Values::number($values, 'clientid'));
        return ['result' => 'success'];
    }
}
